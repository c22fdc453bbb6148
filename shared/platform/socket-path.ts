import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The longest path that fits a Unix socket's address on every system, with its closing NUL. */
const MAX_PATH_BYTES = 100;

const plainPath = (dir: string): string => join(dir, 'keeper.sock');
const pointer = (dir: string): string => join(dir, 'keeper.sock.path');
const fits = (path: string): boolean => Buffer.byteLength(path) <= MAX_PATH_BYTES;

/**
 * Where the socket of the folder `dir` (0700, existing) is to be made: in it, or, where that path is too long for a
 * socket's address, in a folder of this user's own in the temporary folder. The choice is written down in `dir`.
 * @throws Error when the temporary folder holds something that is not ours
 */
export const prepareSocketPath = async (dir: string): Promise<string> => {
  if (fits(plainPath(dir))) return plainPath(dir);
  const { uid } = userInfo();
  const name = `${createHash('sha256').update(dir).digest('hex').slice(0, 24)}.sock`;
  const roots = [tmpdir(), '/tmp'].map((root) => join(root, `onmemos-${uid}`));
  const folder = roots.find((root) => fits(join(root, name)));
  if (folder === undefined) throw new Error('no folder has a path that is short enough for a socket');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || (found.mode & 0o077) !== 0 || (uid >= 0 && found.uid !== uid)) {
    throw new Error(`${folder} must be a folder that only its owner can enter`);
  }
  const path = join(folder, name);
  await writeFile(`${pointer(dir)}.new`, path, { mode: 0o600 });
  await rename(`${pointer(dir)}.new`, pointer(dir));
  return path;
};

/** The path that the keeper of `dir` chose for its socket. */
export const findSocketPath = async (dir: string): Promise<string> => {
  if (fits(plainPath(dir))) return plainPath(dir);
  // Without a pointer there is no socket yet, and connecting to the plain path fails.
  return readFile(pointer(dir), 'utf8').catch(() => plainPath(dir));
};
