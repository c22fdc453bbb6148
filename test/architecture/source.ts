import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

export const ROOT = join(import.meta.dirname, '..', '..');

let listed: readonly string[] | null = null;

/** All files that git tracks or would track, from the root. A deleted file that is still in the index is none. */
const allFiles = (): readonly string[] => {
  const git = (...flags: string[]): readonly string[] =>
    execFileSync('git', ['ls-files', '-z', ...flags], { cwd: ROOT, encoding: 'utf8' })
      .split('\0')
      .filter(Boolean);
  if (listed === null) {
    const deleted = new Set(git('--deleted'));
    listed = git('--cached', '--others', '--exclude-standard')
      .filter((file) => !deleted.has(file))
      .sort();
  }
  return listed;
};

/** Files of the repository with one of these endings, from the root. */
export const files = (...endings: string[]): readonly string[] =>
  allFiles().filter((file) => endings.some((ending) => file.endsWith(ending)));

export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

export const isTest = (file: string): boolean => file.startsWith('test/') || file.endsWith('.test.ts');

/** Fails with each broken rule on a line of its own, and with what to do. */
export const expectNone = (problems: readonly string[], whatToDo: string): void => {
  if (problems.length > 0) expect.fail([...problems, '', whatToDo].join('\n'));
};
