import type { CallExpression, Node } from 'oxc-parser';
import { type Declaration, factsOf, type Program, reachedFrom } from './calls.ts';

const COLLECTIONS = 'shared/services/model/collections.ts';
const DRAFT = 'shared/services/kernel/draft.ts';
const AUDIT = 'shared/services/kernel/audit.ts';
const WRITES = ['create', 'put', 'delete'];
/** Written beside every change: no change by themselves. */
const BESIDE = ['audit', 'idempotency'];

/** One transaction, or what a function changes without one. */
export interface Writer {
  readonly file: string;
  /** The function that makes it. */
  readonly name: string;
  /** The collections that it may write, with all that it calls except functions that write and audit themselves. */
  readonly collections: readonly string[];
  readonly audits: boolean;
}

interface Change {
  readonly collection: string;
  /** Made without a transaction. */
  readonly direct: boolean;
}

const isNamed = (node: Node | undefined, name: string): boolean => node?.type === 'Identifier' && node.name === name;

/** `store.put(…)` and `deps.store.put(…)`, which need no transaction. */
const isStore = (object: Node): boolean =>
  isNamed(object, 'store') ||
  (object.type === 'MemberExpression' && !object.computed && isNamed(object.property, 'store'));

/** What a call changes; null for every call that changes nothing by itself. */
const changeOf = (program: Program, file: string, { callee, arguments: given }: CallExpression): Change | null => {
  if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier') return null;
  const { object, property } = callee;
  // A signal changes a session's commands, which are no documents.
  if (isNamed(object, 'channel') && property.name === 'signal') return { collection: 'signals', direct: true };
  // Past `transact`: whatever it writes is not seen here.
  if (isStore(object) && property.name === 'transaction') return { collection: 'any', direct: true };
  if (!WRITES.includes(property.name)) return null;
  const [first] = given;
  const origin = first?.type === 'Identifier' ? program.origin(file, first.name) : null;
  const known = origin?.file === COLLECTIONS ? origin.name : null;
  const direct = isStore(object);
  if (known === null && !direct && !isNamed(object, 'draft')) return null;
  // A collection that is handed in has no name here.
  return { collection: known ?? 'any', direct };
};

const changesIn = (program: Program, file: string, node: Node): readonly Change[] =>
  factsOf(node).calls.flatMap((call) => {
    const change = changeOf(program, file, call);
    return change === null || BESIDE.includes(change.collection) ? [] : [change];
  });

const names = (program: Program, file: string, node: Node, of: { file: string; name: string }): boolean =>
  [...factsOf(node).names].some((name) => {
    const origin = program.origin(file, name);
    return origin?.file === of.file && origin.name === of.name;
  });

const WRITE_AUDIT = { file: AUDIT, name: 'writeAudit' };
const TRANSACT = { file: DRAFT, name: 'transact' };

/** `lanes.add(…)` and `deps.lanes.add(…)`: a part of an owner's transaction. */
const isLane = ({ callee }: CallExpression): boolean =>
  callee.type === 'MemberExpression' &&
  !callee.computed &&
  isNamed(callee.property, 'add') &&
  (isNamed(callee.object, 'lanes') ||
    (callee.object.type === 'MemberExpression' && !callee.object.computed && isNamed(callee.object.property, 'lanes')));

/** The transactions in a function, outermost call first. */
const transactionsIn = (program: Program, { file, node }: Declaration): readonly CallExpression[] =>
  factsOf(node).calls.filter((call) => isLane(call) || names(program, file, call.callee, TRANSACT));

/** Every place that changes something: each transaction, and each function that does so without one. */
export const writersOf = (program: Program): readonly Writer[] => {
  /** A function that writes and audits answers for itself: its entry is about its own change, not its caller's. */
  const answersForItself = new Map<Declaration, boolean>();
  const ends = (declaration: Declaration): boolean => {
    const { file, node } = declaration;
    if (file === DRAFT) return true;
    const known =
      answersForItself.get(declaration) ??
      (names(program, file, node, WRITE_AUDIT) && changesIn(program, file, node).some(({ direct }) => !direct));
    answersForItself.set(declaration, known);
    return known;
  };
  const writer = ({ file, name }: Declaration, start: Node, direct: boolean): Writer => {
    const reached = reachedFrom(program, { file, name, node: start }, ends);
    // Without a transaction, what a function calls answers for its own changes.
    const changes = (direct ? reached.slice(0, 1) : reached).flatMap((one) => changesIn(program, one.file, one.node));
    return {
      file,
      name,
      collections: [...new Set(changes.filter((one) => one.direct === direct).map((one) => one.collection))].sort(),
      audits: reached.some((one) => one.file === AUDIT && one.name === 'writeAudit'),
    };
  };
  return program.declarations
    .filter(({ file }) => file !== DRAFT)
    .flatMap((declaration) => [
      ...transactionsIn(program, declaration).map((transaction) => writer(declaration, transaction, false)),
      writer(declaration, declaration.node, true),
    ])
    .filter(({ collections }) => collections.length > 0);
};

const keyOf = ({ file, name, collections }: Writer): string =>
  `${file.replace('shared/services/', '')} ${name}: ${collections.join(', ')}`;

/** Changes that nobody could find in the audit, and lines of `allowed` that are not needed any more. */
export const auditProblems = (
  writers: readonly Writer[],
  allowed: Readonly<Record<string, string>>,
): readonly string[] => {
  const without = new Set(writers.filter(({ audits }) => !audits).map(keyOf));
  return [
    ...[...without]
      .filter((key) => !Object.hasOwn(allowed, key))
      .map(
        (key) =>
          `'${key}' is changed without an audit entry. Call writeAudit in the same transaction; or, if it is no ` +
          'change that anyone asks about, add that line to NOT_AUDITED of test/architecture/audit.test.ts with the reason.',
      ),
    ...Object.keys(allowed)
      .filter((key) => !without.has(key))
      .map((key) => `'${key}' is in NOT_AUDITED, and is audited or gone: remove that line.`),
  ];
};
