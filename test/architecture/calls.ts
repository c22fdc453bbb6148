import { type CallExpression, type Node, type ParseResult, parseSync } from 'oxc-parser';
import { resolved } from './imports.ts';

/** A name that a file declares at its top, or imports, with the code behind it. */
export interface Declaration {
  readonly file: string;
  readonly name: string;
  readonly node: Node;
}

/** What a set of files declares, and which name of which file a name means. */
export interface Program {
  readonly declarations: readonly Declaration[];
  /** The declaration that a name stands for in a file; null for anything else. */
  find(file: string, name: string): Declaration | null;
  /** Where a name comes from, followed to the file that declares it, read or not; null for names of the file itself. */
  origin(file: string, name: string): { readonly file: string; readonly name: string } | null;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** Parts of a node that hold no code which runs, or a name that is no reference. */
const skipped = (node: Node, key: string): boolean => {
  if (key === 'typeAnnotation' || key === 'typeArguments' || key === 'typeParameters' || key === 'returnType') {
    return true;
  }
  if (key === 'property' && node.type === 'MemberExpression') return !node.computed;
  if (key === 'key' && (node.type === 'Property' || node.type === 'MethodDefinition')) return !node.computed;
  return false;
};

/** What a piece of code names and calls. */
export interface Facts {
  readonly names: ReadonlySet<string>;
  readonly calls: readonly CallExpression[];
}

/** Calls `look` with every node of a tree that runs, outermost first. */
const walk = (node: Node, look: (node: Node) => void): void => {
  look(node);
  for (const [key, value] of Object.entries(node)) {
    if (skipped(node, key)) continue;
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, look);
  }
};

const known = new WeakMap<Node, Facts>();

/** The facts of a tree, which is walked once. */
export const factsOf = (node: Node): Facts => {
  const before = known.get(node);
  if (before) return before;
  const names = new Set<string>();
  const calls: CallExpression[] = [];
  walk(node, (inner) => {
    if (inner.type === 'Identifier') names.add(inner.name);
    else if (inner.type === 'CallExpression') calls.push(inner);
  });
  const facts = { names, calls };
  known.set(node, facts);
  return facts;
};

const declared = (file: string, statement: Node): readonly Declaration[] => {
  const inner =
    statement.type === 'ExportNamedDeclaration' && statement.declaration ? statement.declaration : statement;
  if ((inner.type === 'FunctionDeclaration' || inner.type === 'ClassDeclaration') && inner.id) {
    return [{ file, name: inner.id.name, node: inner }];
  }
  if (inner.type !== 'VariableDeclaration') return [];
  return inner.declarations.flatMap(({ id, init }) =>
    id.type === 'Identifier' && init ? [{ file, name: id.name, node: init }] : [],
  );
};

type Parsed = Pick<ParseResult, 'program' | 'module'>;

const parsed = new Map<string, Parsed>();

/** Most files are the same in each program that a test reads. */
const parse = (file: string, text: string): Parsed => {
  const before = parsed.get(text);
  if (before) return before;
  const { program, module } = parseSync(file, text);
  parsed.set(text, { program, module });
  return { program, module };
};

/** Reads files. A name is looked up by its text: a local one of the same name counts as the same. */
export const readProgram = (texts: ReadonlyMap<string, string>): Program => {
  const own = new Map<string, Declaration>();
  const imported = new Map<string, { readonly file: string; readonly name: string }>();
  for (const [file, text] of texts) {
    const { program, module } = parse(file, text);
    for (const one of program.body.flatMap((statement) => declared(file, statement))) {
      own.set(`${file} ${one.name}`, one);
    }
    const note = (local: string | null, specifier: string, name: string | null): void => {
      const to = resolved(file, specifier);
      if (local !== null && name !== null && to !== null) imported.set(`${file} ${local}`, { file: to, name });
    };
    for (const { moduleRequest, entries } of module.staticImports) {
      for (const one of entries) note(one.localName.value, moduleRequest.value, one.importName.name ?? null);
    }
    for (const { entries } of module.staticExports) {
      for (const one of entries) {
        if (one.moduleRequest) note(one.exportName.name ?? null, one.moduleRequest.value, one.importName.name ?? null);
      }
    }
  }
  const origin = (file: string, name: string): { readonly file: string; readonly name: string } | null => {
    const from = imported.get(`${file} ${name}`);
    return from ? (origin(from.file, from.name) ?? from) : null;
  };
  const find = (file: string, name: string): Declaration | null => {
    const at = origin(file, name) ?? { file, name };
    return own.get(`${at.file} ${at.name}`) ?? null;
  };
  return { declarations: [...own.values()], find, origin };
};

/**
 * A piece of code and all declarations that it leads to, each once: whatever is named may be called.
 * @param ends whether a declaration is left out, with what only it leads to
 */
export const reachedFrom = (
  program: Program,
  start: Declaration,
  ends: (declaration: Declaration) => boolean = () => false,
): readonly Declaration[] => {
  const reached = new Map<Node, Declaration>([[start.node, start]]);
  // A map that grows while it is read is read to its end.
  for (const { file, node } of reached.values()) {
    for (const name of factsOf(node).names) {
      const next = program.find(file, name);
      if (next && !reached.has(next.node) && !ends(next)) reached.set(next.node, next);
    }
  }
  return [...reached.values()];
};
