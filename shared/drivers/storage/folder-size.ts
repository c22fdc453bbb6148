import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How many entries are looked at together. */
const ABREAST = 32;
/** `st_blocks` counts in these, whatever the file system's own block is. */
const BLOCK_BYTES = 512;

/**
 * Bytes that what is in a folder takes on disk, 0 for an empty one alone: symbolic links are not followed, a file with several names counts once, and
 * what vanishes or can't be read meanwhile counts nothing. null when the folder is not there.
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
        // Some file systems keep small files in no block of their own.
        blocks += Math.max(1, stats.blocks);
      }
    }
  }
  return blocks * BLOCK_BYTES;
};

const sizeOf = (path: string) => lstat(path).catch(() => null);
