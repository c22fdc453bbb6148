import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ROOT } from '../../process/support/root.ts';

const run = promisify(execFile);

/** Copies what is tracked, as it is in the work tree, and nothing else: a fresh clone, before it is committed. */
export const freshClone = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const copy = 'git ls-files -z | xargs -0 cp -a --parents -t "$1"';
  await run('sh', ['-c', copy, 'sh', folder], { cwd: ROOT });
};
