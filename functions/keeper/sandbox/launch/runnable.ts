import { constants } from 'node:fs';
import { constants as system } from 'node:os';
import { access, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CannotRun } from './cannot-run.ts';

/** The paths at which a program may be: its own if it has a slash, else one in each folder of PATH. No name is nowhere. */
const candidates = (program: string, cwd: string, path: string): readonly string[] => {
  if (program === '') return [];
  if (program.includes('/')) return [resolve(cwd, program)];
  return path.split(':').map((folder) => join(resolve(cwd, folder), program));
};

/**
 * A shell reports a missing program only after it was started, so the program is looked for before.
 * @throws CannotRun with the launcher's message
 */
export const assertRunnable = async (program: string, cwd: string, path: string): Promise<void> => {
  let found = false;
  for (const file of candidates(program, cwd, path)) {
    const there = await stat(file).catch(() => null);
    if (there === null) continue;
    const runs =
      there.isFile() &&
      (await access(file, constants.X_OK).then(
        () => true,
        () => false,
      ));
    if (runs) return;
    found = true;
  }
  const { EACCES, ENOENT } = system.errno;
  throw found
    ? new CannotRun('program', EACCES, `${program}: Permission denied`)
    : new CannotRun('program', ENOENT, `${program}: No such file or directory`);
};
