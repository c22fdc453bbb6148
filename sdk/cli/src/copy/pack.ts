import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Kind } from './place.ts';
import type { Tally } from './unpack.ts';

/** What is at a path of this machine, with links followed. */
export const localKind = async (path: string): Promise<Kind> => {
  const found = await stat(path).catch(() => null);
  if (found === null) return (await lstat(path).catch(() => null)) === null ? 'none' : 'other';
  if (found.isDirectory()) return 'folder';
  return found.isFile() ? 'file' : 'other';
};

/**
 * A file or folder as a tar stream: the file under a name of its own, or the contents of the folder.
 * @param name of the file; null for a folder
 */
export const packed = async (path: string, name: string | null, tally: Tally): Promise<AsyncIterable<Uint8Array>> => {
  const { Pack } = await import('tar');
  const real = await realpath(path);
  const pack = new Pack({
    cwd: name === null ? real : dirname(real),
    onwarn: (_code: string, message: string | Error, data: unknown) => {
      const { path: at = real } = (data ?? {}) as { path?: string };
      tally.left_out.push({ path: at, why: message instanceof Error ? message.message : message });
    },
    onWriteEntry: (entry) => {
      if (name !== null) entry.path = name;
      const { type } = entry;
      if (type === 'Directory') tally.folders += 1;
      else if (type === 'SymbolicLink') tally.links += 1;
      else {
        tally.files += 1;
        if (type === 'File') tally.bytes += entry.stat?.size ?? 0;
      }
    },
  });
  // With a leading `./`: a name that begins with `@` would be read as an archive.
  pack.add(name === null ? '.' : `./${basename(real)}`);
  pack.end();
  return pack;
};
