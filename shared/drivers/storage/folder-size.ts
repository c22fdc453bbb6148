import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Most entries that are read at once. */
const ABREAST = 32;
/** The unit of `st_blocks` on every file system. */
const BLOCK_BYTES = 512;

/**
 * Bytes on disk of a folder's contents; 0 only if it is empty. Does not follow symbolic links, counts a file with
 * several names once, and does not count entries that vanish or can't be read. null if the folder does not exist.
 */
export const folderBytes = async (folder: string): Promise<number | null> => {
  const top = await sizeOf(folder);
  if (!top?.isDirectory()) return null;
  const counted = new Set<string>();
  const folders = [folder];
  let blocks = 0;
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const names = await readdir(next).catch(() => []);
    for (let at = 0; at < names.length; at += ABREAST) {
      const paths = names.slice(at, at + ABREAST).map((name) => join(next ?? '', name));
      const found = await Promise.all(paths.map(sizeOf));
      for (const [index, stats] of found.entries()) {
        if (!stats) continue;
        if (stats.isDirectory()) folders.push(paths[index] ?? '');
        else if (stats.nlink > 1) {
          const inode = `${stats.dev}:${stats.ino}`;
          if (counted.has(inode)) continue;
          counted.add(inode);
        }
        // Some file systems store small files without a separate block.
        blocks += Math.max(1, stats.blocks);
      }
    }
  }
  return blocks * BLOCK_BYTES;
};

const sizeOf = (path: string) => lstat(path).catch(() => null);
