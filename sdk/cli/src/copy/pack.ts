import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { HeaderData } from 'tar';
import { CliError } from '../errors.ts';
import type { Kind } from './place.ts';
import type { Tally } from './unpack.ts';

/** What is at a path of this machine, with links followed. */
export const localKind = async (path: string): Promise<Kind> => {
  const found = await stat(path).catch(() => null);
  if (found === null) return (await lstat(path).catch(() => null)) === null ? 'none' : 'other';
  if (found.isDirectory()) return 'folder';
  return found.isFile() ? 'file' : 'other';
};

const BLOCK_BYTES = 512;
const READ_BYTES = 256 * 1024;
/** A FIFO that has taken the place of a file is not waited for, and a link is not followed. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

type Headers = (fields: HeaderData) => Generator<Uint8Array, void, undefined>;

/** The blocks before the contents of an entry. What has no room in the header is in an extended one before it. */
const headers = async (): Promise<Headers> => {
  const { Header, Pax } = await import('tar');
  return function* (fields) {
    const header = new Header(fields);
    if (header.encode()) yield new Pax(fields).encode();
    yield header.block as Buffer;
  };
};

/**
 * The contents of an open file, as many bytes as its header has said. A file that grows is copied as it was.
 * @throws CliError if it can't be read to there: the header can't be taken back
 */
async function* contents(file: FileHandle, path: string, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < size; ) {
    const data = Buffer.allocUnsafe(Math.min(READ_BYTES, size - at));
    const { bytesRead } = await file.read(data, 0, data.length, at).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    if (bytesRead === 0) {
      throw new CliError(`${path} became shorter while it was copied.`, {
        hint: 'Copy it again when nothing writes to it.',
      });
    }
    at += bytesRead;
    yield data.subarray(0, bytesRead);
  }
  const over = size % BLOCK_BYTES;
  if (over > 0) yield Buffer.alloc(BLOCK_BYTES - over);
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const unreadable = (path: string, error: unknown): CliError =>
  new CliError(`${path} can’t be read: ${reason(error)}`, {
    cause: error,
    hint: 'Make it readable for this user, or leave it out of the copy.',
  });

const openFile = async (path: string): Promise<{ readonly file: FileHandle; readonly found: Stats }> => {
  const file = await open(path, READ_FLAGS);
  try {
    const found = await file.stat();
    if (found.isFile()) return { file, found };
    throw new Error('it is no file any more');
  } catch (error) {
    await file.close();
    throw error;
  }
};

/**
 * A file or folder as a tar stream: the file under a name of its own, or the contents of the folder. What is in the
 * folder and can't be read is left out.
 * @param name of the file; null for a folder
 * @throws CliError if the file or folder itself can't be read, or a file can't be read to its end
 */
export const packed = async (path: string, name: string | null, tally: Tally): Promise<AsyncIterable<Uint8Array>> => {
  const real = await realpath(path);
  const refuse = (error: unknown): never => {
    throw unreadable(path, error);
  };
  // Before a command is started for it.
  if (name === null) await readdir(real).catch(refuse);
  else await openFile(real).then(({ file }) => file.close(), refuse);
  return name === null
    ? entries(real, '.', '.', tally, await headers())
    : entries(dirname(real), basename(real), name, tally, await headers());
};

/** @param first the path below the root that is packed with all below it @param name of it in the archive */
async function* entries(
  root: string,
  first: string,
  name: string,
  tally: Tally,
  headersOf: Headers,
): AsyncGenerator<Uint8Array, void, undefined> {
  /** Of files with several names: the name that their contents have in the archive. */
  const packedAs = new Map<string, string>();
  const left = [first];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const at = join(root, path);
    const as = path === first ? name : path;
    try {
      const found = await lstat(at);
      const { uid, gid, mtime } = found;
      const common = { path: `./${as}`, mode: found.mode & 0o7777, uid, gid, mtime, size: 0 };
      if (found.isDirectory()) {
        const names = await readdir(at);
        left.push(...names.reverse().map((below) => (path === '.' ? below : `${path}/${below}`)));
        yield* headersOf({ ...common, path: as === '.' ? './' : `./${as}/`, type: 'Directory' });
        tally.folders += 1;
      } else if (found.isSymbolicLink()) {
        yield* headersOf({ ...common, type: 'SymbolicLink', linkpath: await readlink(at) });
        tally.links += 1;
      } else if (!found.isFile()) {
        tally.left_out.push({ path, why: 'it is no file, folder or link' });
      } else {
        const inode = `${found.dev}:${found.ino}`;
        const linkpath = packedAs.get(inode);
        if (linkpath === undefined) {
          const { file, found: opened } = await openFile(at);
          try {
            yield* headersOf({ ...common, size: opened.size, type: 'File' });
            yield* contents(file, at, opened.size);
          } finally {
            await file.close();
          }
          tally.bytes += opened.size;
          if (found.nlink > 1) packedAs.set(inode, common.path);
        } else yield* headersOf({ ...common, type: 'Link', linkpath });
        tally.files += 1;
      }
    } catch (error) {
      // The top itself, or an entry whose header is in the archive.
      if (error instanceof CliError) throw error;
      if (path === first) throw unreadable(at, error);
      tally.left_out.push({ path, why: reason(error) });
    }
  }
  yield Buffer.alloc(2 * BLOCK_BYTES);
}
