import { dirname, posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { read } from './source.ts';

/**
 * `type`: it names types alone, and is gone when the program runs. `static`: its module is loaded with the file.
 * `lazy`: an `import()` within a function, which loads nothing before that is called.
 */
type ImportKind = 'type' | 'static' | 'lazy';

export interface Import {
  readonly from: string;
  readonly line: number;
  readonly specifier: string;
  /** The file that it names, from the root; null for a package and for a module of Node. */
  readonly to: string | null;
  readonly kind: ImportKind;
}

const ALIAS = /^#(contract|domain|ports|services|drivers|platform|wiring)\//;

/** Packages of this repository, by the file that they start at. */
const OWN_PACKAGES: Readonly<Record<string, string>> = {
  onmemos: 'sdk/typescript/src/index.ts',
  '@onmemos/standalone': 'sdk/standalone/start.mjs',
  '@onmemos/standalone/own-node': 'sdk/standalone/own-node.mjs',
};

export const resolved = (file: string, specifier: string): string | null => {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(dirname(file), specifier));
  if (ALIAS.test(specifier)) return specifier.replace(/^#/, 'shared/');
  return OWN_PACKAGES[specifier] ?? null;
};

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'] as const;

/** Every import, static and dynamic, and every re-export in the text of a file. */
export const importsIn = (file: string, text: string): readonly Import[] => {
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} can't be read: ${errors[0]?.message}`);
  const found: { at: number; specifier: string; kind: ImportKind }[] = [];
  for (const { start, moduleRequest, entries } of module.staticImports) {
    const kind = entries.length > 0 && entries.every(({ isType }) => isType) ? 'type' : 'static';
    found.push({ at: start, specifier: moduleRequest.value, kind });
  }
  for (const { start, entries } of module.staticExports) {
    const source = entries.find(({ moduleRequest }) => moduleRequest !== null)?.moduleRequest;
    if (!source) continue;
    const kind = entries.every(({ isType }) => isType) ? 'type' : 'static';
    found.push({ at: start, specifier: source.value, kind });
  }
  // A walk costs as much as the rest, and few files have a reason for it.
  if (/\bimport\s*\(/.test(text)) {
    let depth = 0;
    const enter = (): void => void depth++;
    const leave = (): void => void depth--;
    const functions = FUNCTIONS.flatMap((name) => [
      [name, enter],
      [`${name}:exit`, leave],
    ]);
    new Visitor({
      ...Object.fromEntries(functions),
      ImportExpression: ({ start, source }) => {
        if (source.type !== 'Literal' || typeof source.value !== 'string') return;
        found.push({ at: start, specifier: source.value, kind: depth > 0 ? 'lazy' : 'static' });
      },
      TSImportType: ({ start, source }) => {
        found.push({ at: start, specifier: source.value, kind: 'type' });
      },
    }).visit(program);
  }
  return found
    .sort((a, b) => a.at - b.at)
    .map(({ at, specifier, kind }) => ({
      from: file,
      line: text.slice(0, at).split('\n').length,
      specifier,
      to: resolved(file, specifier),
      kind,
    }));
};

export const importsOf = (file: string): readonly Import[] => importsIn(file, read(file));
