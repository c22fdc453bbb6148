import { lstat, lutimes, mkdir, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A symbolic link of an archive. It is made when all files are there, so that nothing is ever written through it. */
export interface Link {
  /** Below the folder that is unpacked, without `..`. */
  readonly path: string;
  readonly to: string;
  readonly mtime: Date | null;
}

/** Whether a link may lead somewhere else than into the folder, for all that other links may be. */
export const leadsOut = ({ path, to }: Pick<Link, 'path' | 'to'>): boolean => {
  if (to.startsWith('/')) return true;
  const parts = to.split('/').filter((part) => part !== '' && part !== '.');
  const up = parts.findIndex((part) => part !== '..');
  const ups = up === -1 ? parts.length : up;
  // Behind a name that may be another link, `..` is not the folder that the text says.
  if (parts.slice(ups).includes('..')) return true;
  return ups > path.split('/').length - 1;
};

/** Whether each folder on the way to a path is a folder and no link. */
const isPlain = async (root: string, path: string): Promise<boolean> => {
  let at = root;
  for (const part of dirname(path).split('/')) {
    at = join(at, part);
    const found = await lstat(at).catch(() => null);
    if (found === null) return true;
    if (!found.isDirectory()) return false;
  }
  return true;
};

/** Makes a link, in place of a file or link of its name. @throws Error that says why not */
export const makeLink = async (root: string, link: Link): Promise<void> => {
  if (!(await isPlain(root, link.path))) throw new Error('a link is on the way to it');
  const at = join(root, link.path);
  await mkdir(dirname(at), { recursive: true });
  const found = await lstat(at).catch(() => null);
  if (found?.isDirectory()) throw new Error('a folder has its name');
  if (found) await unlink(at);
  await symlink(link.to, at);
  if (link.mtime !== null) await lutimes(at, link.mtime, link.mtime);
};
