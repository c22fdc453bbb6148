import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where a program is looked for: itself where it has a slash, else below each folder of PATH. */
const candidates = (program: string, cwd: string, path: string): readonly string[] =>
  program.includes('/')
    ? [resolve(cwd, program)]
    : path.split(':').map((folder) => join(resolve(cwd, folder), program));

/**
 * A shell that becomes a command says too late that there is no such program: after it has been started.
 * @throws Error in the words of a launcher that can't become it
 */
export const assertRunnable = async (program: string, cwd: string, path: string): Promise<void> => {
  let why = 'No such file or directory';
  for (const file of candidates(program, cwd, path)) {
    const found = await stat(file).catch(() => null);
    if (found === null) continue;
    const runs =
      found.isFile() &&
      (await access(file, constants.X_OK).then(
        () => true,
        () => false,
      ));
    if (runs) return;
    why = 'Permission denied';
  }
  throw new Error(`${program}: ${why}`);
};
