import { z } from 'zod';
import type { Answer } from '../support/client.ts';
import type { Route } from '../../../functions/api/route.ts';

/** What one request came to: its answer, and what a further look at the result says. */
export interface Outcome {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the answer of any call
  readonly json: any;
  readonly warnings: readonly string[];
  /** Fields that the answer refuses. */
  readonly refused: readonly string[];
  /** Whatever the operation’s table looks up afterwards. */
  readonly after: Readonly<Record<string, unknown>>;
}

/** What a call is given. Paths are those of the body, or `query.NAME`, or `header.NAME`. */
export type Given = Readonly<Record<string, unknown>>;

interface Sent {
  readonly value: unknown;
  /** What must be there beside it, as paths with values. Undefined removes what the base has. */
  readonly beside?: Given;
}

/** Exactly one of the three: where the effect of a field is seen, how it is refused, or how the answer warns of it. */
export type Entry = Sent &
  (
    | { readonly seen: (outcome: Outcome, sent: Given) => boolean }
    | { readonly refused: RegExp }
    | { readonly warned: RegExp }
  );

/** The optional fields of one operation, each with one entry or several. */
export interface Table {
  readonly operation: string;
  readonly base: () => Given;
  readonly send: (given: Given) => Promise<Outcome>;
  readonly fields: Readonly<Record<string, Entry | readonly Entry[]>>;
  /** Try every two of the fields together. */
  readonly pairs?: boolean;
}

const unwrapped = (schema: z.ZodType): z.ZodType => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return unwrapped(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return unwrapped(schema.out as z.ZodType);
  return schema;
};

/** The objects of a body, by path: itself, and those in its fields and in the alternatives of unions. */
export const objectsOf = (schema: z.ZodType, path = ''): readonly { path: string; object: z.ZodObject }[] => {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => objectsOf(option as z.ZodType, path));
  if (!(inner instanceof z.ZodObject)) return [];
  const below = Object.entries(inner.shape).flatMap(([name, field]) =>
    objectsOf(field as z.ZodType, path === '' ? name : `${path}.${name}`),
  );
  return [{ path, object: inner }, ...below];
};

/** The optional leaves of an object, by path. A field that is an object stands for the fields in it. */
const optionalIn = (schema: z.ZodType, prefix: string): readonly string[] =>
  objectsOf(schema).flatMap(({ path, object }) =>
    Object.entries(object.shape).flatMap(([name, field]) => {
      const inner = unwrapped(field as z.ZodType);
      if (inner instanceof z.ZodObject || !(field as z.ZodType).safeParse(undefined).success) return [];
      return [`${prefix}${path === '' ? name : `${path}.${name}`}`];
    }),
  );

/** Every optional field of an operation: of its body, its query and its headers. */
export const optionalFields = ({ docs }: Route): readonly string[] => [
  ...(docs.body ? optionalIn(docs.body, '') : []),
  ...(docs.query ? optionalIn(docs.query, 'query.') : []),
  ...(docs.headers ? optionalIn(docs.headers, 'header.') : []),
];

type Tree = Record<string, unknown>;

const put = (tree: Tree, path: readonly string[], value: unknown): void => {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length > 0) {
    const below = (tree[name] ?? {}) as Tree;
    tree[name] = below;
    put(below, rest, value);
  } else if (value === undefined) delete tree[name];
  else if (isTree(value) && isTree(tree[name])) tree[name] = { ...tree[name], ...value };
  else tree[name] = value;
};

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The body, the query as text and the headers of what is given. */
export const requestOf = (given: Given): { body: Tree; query: string; headers: Record<string, string> } => {
  const body: Tree = {};
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  for (const [path, value] of Object.entries(given)) {
    const [first, ...rest] = path.split('.');
    const name = rest.join('.');
    if (first === 'query' || first === 'header') {
      if (value === undefined) continue;
      if (first === 'query') query.set(name, String(value));
      else headers[name] = String(value);
    } else put(body, path.split('.'), value);
  }
  const text = query.toString();
  return { body, query: text === '' ? '' : `?${text}`, headers };
};

/** What a plain answer came to. */
export const outcomeOf = ({ status, json }: Answer, after: Outcome['after'] = {}): Outcome => {
  const answer = json as {
    errors?: { field: string }[];
    warnings?: string[];
    details?: { warnings?: string[] };
  } | null;
  return {
    status,
    json,
    warnings: [...(answer?.warnings ?? []), ...(answer?.details?.warnings ?? [])],
    refused: (answer?.errors ?? []).map(({ field }) => field),
    after,
  };
};

const shown = ({ status, json, warnings, after }: Outcome): string =>
  JSON.stringify({ status, detail: json?.detail, warnings, after }).slice(0, 600);

const lastOf = (path: string): string => path.split('.').at(-1) ?? path;

/** Whether a refusal names the field, as its own or in its sentence. */
const isRefused = (path: string, { status, json, refused }: Outcome): boolean =>
  status >= 400 && (refused.some((field) => path.endsWith(field)) || String(json?.detail).includes(lastOf(path)));

const entriesOf = (table: Table, path: string): readonly Entry[] => [table.fields[path] ?? []].flat() as Entry[];

/** Every entry of a table, with its path. */
export const entries = (table: Table): readonly (readonly [string, Entry])[] =>
  Object.keys(table.fields).flatMap((path) => entriesOf(table, path).map((entry) => [path, entry] as const));

/** Every two entries of different fields. */
const pairs = (table: Table): readonly (readonly [readonly [string, Entry], readonly [string, Entry]])[] => {
  const all = entries(table);
  return all.flatMap((one, i) =>
    all
      .slice(i + 1)
      .filter(([path]) => path !== one[0])
      .map((two) => [one, two] as const),
  );
};

/** The problem with one entry; null if it is true. */
const problemOf = async (table: Table, path: string, entry: Entry): Promise<string | null> => {
  const around = { ...table.base(), ...entry.beside };
  const sent = { ...around, [path]: entry.value };
  const outcome = await table.send(sent);
  const what = `${table.operation} ${path}: ${shown(outcome)}`;
  const without = () => table.send({ ...table.base(), ...entry.beside });
  if ('refused' in entry) {
    const detail = String(outcome.json?.detail);
    if (outcome.status < 400 || !entry.refused.test(detail)) return `not refused as said. ${what}`;
    return (await without()).status < 400 ? null : `refused without the field, too. ${what}`;
  }
  if (outcome.status !== 200 && outcome.status !== 204) return `refused. ${what}`;
  if ('warned' in entry)
    return outcome.warnings.some((warning) => entry.warned.test(warning)) ? null : `no such warning. ${what}`;
  if (!entry.seen(outcome, sent)) return `its effect is not seen. ${what}`;
  return entry.seen(await without(), sent) ? `seen without the field, too. ${what}` : null;
};

/** The problem with two fields together: neither refused, and one without effect and without a warning. */
const pairProblemOf = async (
  table: Table,
  [first, one]: readonly [string, Entry],
  [second, two]: readonly [string, Entry],
): Promise<string | null> => {
  const sent = { ...table.base(), ...one.beside, ...two.beside, [first]: one.value, [second]: two.value };
  const outcome = await table.send(sent);
  if (outcome.status >= 500) return `${first} and ${second}: ${outcome.status} ${JSON.stringify(outcome.json)}`;
  // A conflict, such as with an entitlement, is said of the whole.
  const named = [first, second, ...Object.keys({ ...one.beside, ...two.beside })];
  if (outcome.status === 409 || named.some((path) => isRefused(path, outcome))) return null;
  if (outcome.status >= 400) return `${first} and ${second}: refused without a name: ${JSON.stringify(outcome.json)}`;
  // Beside the other a field may have an effect that it does not have alone, so every entry of the two counts.
  const silent = (path: string): boolean =>
    !entriesOf(table, path).some((entry) => 'seen' in entry && entry.seen(outcome, sent)) &&
    !outcome.warnings.some((warning) => warning.includes(lastOf(path)));
  const ignored = [first, second].filter(silent);
  return ignored.length === 0
    ? null
    : `${first} with ${second}: nothing is said of ${ignored.join(' and ')}: ${shown(outcome)}`;
};

/** The problems with every entry of some tables; none if all are true. */
export const problemsOf = async (tables: readonly Table[]): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const table of tables)
    for (const [path, entry] of entries(table)) problems.push((await problemOf(table, path, entry)) ?? '');
  return problems.filter((problem) => problem !== '');
};

/** The problems with every two fields of some tables. */
export const pairProblemsOf = async (tables: readonly Table[]): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const table of tables)
    for (const [one, two] of pairs(table)) problems.push((await pairProblemOf(table, one, two)) ?? '');
  return problems.filter((problem) => problem !== '');
};
