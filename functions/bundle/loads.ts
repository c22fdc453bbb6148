import type { Metafile } from 'esbuild';
import { lazyLibrary } from './lazy-libraries.ts';

/** What a program reads at once, and what each first use of a library adds. Bytes of code. */
export interface Loads {
  readonly start: Load;
  readonly later: readonly Load[];
}

export interface Load {
  /** The function, or the library that is loaded. */
  readonly name: string;
  /** The program imports the first. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** Packages of others in these files. */
  readonly packages: readonly string[];
}

type Outputs = Metafile['outputs'];

const packageIn = (input: string): string | undefined => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];

/** A file with all that it imports at once. */
const closure = (outputs: Outputs, file: string, found = new Set<string>()): ReadonlySet<string> => {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path, kind, external } of outputs[file]?.imports ?? [])
    if (kind !== 'dynamic-import' && external !== true) closure(outputs, path, found);
  return found;
};

const loadOf = (outputs: Outputs, name: string, files: readonly string[]): Load => {
  const inputs = files.flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
  const packages = [...new Set(inputs.flatMap((input) => packageIn(input) ?? []))].sort();
  return { name, files, packages, bytes: files.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0) };
};

/** @param entry the file that a function begins with */
export const loadsOf = (outputs: Outputs, entry: string, name: string): Loads => {
  const start = closure(outputs, entry);
  const first = [...start].flatMap((file) => outputs[file]?.imports ?? []);
  const dynamic = [...new Set(first.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path))];
  const later = dynamic.flatMap((file) => {
    const library = lazyLibrary(outputs[file]?.entryPoint);
    if (library === null) return [];
    const files = [...closure(outputs, file)].filter((each) => !start.has(each));
    return [loadOf(outputs, library, files)];
  });
  return { start: loadOf(outputs, name, [...start]), later: later.toSorted((a, b) => a.name.localeCompare(b.name)) };
};
