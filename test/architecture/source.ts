import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The file that it leads to, from the root; null for a package or a Node module. */
  readonly to: string | null;
  readonly line: number;
}

/** Files that git tracks or would track, from the root. */
export const files = (...endings: string[]): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && endings.some((ending) => file.endsWith(ending)))
    .sort();

export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const ALIAS = /^#(contract|domain|ports|services|drivers|platform|wiring)\//;
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"\n;]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|(?:^|\n)(?:import|export)\s(?:type\s)?\{[^}]*\}\s*from\s+'([^']+)'|\bimport\(\s*'([^']+)'/g;

const resolved = (file: string, specifier: string): string | null => {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(dirname(file), specifier));
  if (ALIAS.test(specifier)) return specifier.replace(/^#/, 'shared/');
  return null;
};

/** Every static and dynamic import of a TypeScript file. */
export const importsOf = (file: string): readonly Import[] => {
  const text = read(file);
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? match[4] ?? '';
    const line = text.slice(0, match.index).split('\n').length + 1;
    return { from: file, specifier, to: resolved(file, specifier), line };
  });
};

export const isTest = (file: string): boolean => file.startsWith('test/') || file.endsWith('.test.ts');
export const at = (root: string, file: string): string => relative(root, file);
