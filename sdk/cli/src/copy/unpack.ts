import { constants } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Header, ReadEntry } from 'tar';
import { CliError } from '../errors.ts';
import { makeFolder } from '../target/folder.ts';
import { partName } from './place.ts';
import { type Link, leadsOut, makeLink } from './links.ts';

/** What a copy has moved, and what it has left out. */
export interface Tally {
  files: number;
  folders: number;
  links: number;
  /** Bytes of the contents of files. */
  bytes: number;
  readonly left_out: { readonly path: string; readonly why: string }[];
}

export const newTally = (): Tally => ({ files: 0, folders: 0, links: 0, bytes: 0, left_out: [] });

const FILES: ReadonlySet<string> = new Set(['File', 'OldFile', 'ContiguousFile']);
/** No bits that give the rights of the owner: an archive of a session is not trusted with them. */
const MODE_BITS = 0o777;
const LONGEST_CLOSE_MS = 2_000;

/** `./a/b/` as `a/b`; null if it leads out of the folder. */
const insidePath = (path: string): string | null => {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return path.startsWith('/') || parts.includes('..') ? null : parts.join('/');
};

/** Why an entry alone can't be made: by its name, or by what is in its place. The others can. */
const OF_ONE_ENTRY: ReadonlySet<unknown> = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'ETXTBSY', 'EEXIST', 'ENOENT', 'ENOTEMPTY', 'EISDIR', 'ENOTDIR'],
  ...['ENAMETOOLONG', 'EINVAL', 'EILSEQ', 'ELOOP', 'EMLINK', 'EXDEV', 'ENXIO', 'ENOTSUP', 'EOPNOTSUPP'],
  'TAR_SYMLINK_ERROR',
]);
/** The calls that have begun to write a file. */
const OF_DATA: ReadonlySet<unknown> = new Set(['write', 'close']);

/** Whether an error of the system says that the copy can't be whole. */
const isFailure = ({ syscall, code }: NodeJS.ErrnoException): boolean =>
  syscall !== undefined && (OF_DATA.has(syscall) || !OF_ONE_ENTRY.has(code));

export interface Unpacking {
  /** Takes a piece of the archive. */
  write(data: Uint8Array): Promise<void>;
  /** The archive is complete. @throws CliError if it is not, or could not be unpacked */
  end(): Promise<void>;
  /** It will not be complete: removes the part of a file that is there, and a file whose data could not be written. */
  leave(): Promise<void>;
}

/**
 * Unpacks an archive of a session below a folder, which need not exist. Whatever the archive says, nothing is written
 * outside the folder and no link that is there is followed.
 * @param only for a file: the name that it gets there. Everything else in the archive is left out.
 */
export const unpacking = async (root: string, only: string | null, tally: Tally): Promise<Unpacking> => {
  const { Unpack } = await import('tar');
  makeFolder(root);
  const folders: { readonly path: string; readonly mode: number; readonly mtime: Date | null }[] = [];
  const links: Link[] = [];
  let failure: unknown = null;
  let ended = false;
  let taken = false;
  /** Files that are there and not whole. */
  const broken = new Set<string>();
  const notMade = new Set<ReadEntry>();
  // A file gets its name when it is whole.
  const part = only === null ? null : partName();
  const leaveOut = (path: string, why: string): false => {
    tally.left_out.push({ path, why });
    return false;
  };
  const filter = (_path: string, entry: ReadEntry | Header | object): boolean => {
    const { type, path: typed, linkpath, mode, mtime, size } = entry as ReadEntry;
    const path = part ?? insidePath(typed);
    if (path === null) return leaveOut(typed, 'its path leads out of the folder');
    const file = FILES.has(type);
    if (only !== null && (!file || taken)) return leaveOut(typed, 'it is not the file that was asked for');
    if (type === 'SymbolicLink') {
      const link = { path, to: linkpath ?? '', mtime: mtime ?? null };
      if (leadsOut(link)) return leaveOut(path, `the link leads out of the folder, to ${link.to}`);
      links.push(link);
      return false;
    }
    if (type === 'Directory') {
      folders.push({ path, mode: (mode ?? 0o755) & MODE_BITS, mtime: mtime ?? null });
      tally.folders += 1;
      // While it is filled it has to be writable; its own mode follows at the end.
      Object.assign(entry, { path: path === '' ? '.' : path, mode: 0o700 });
      return path !== '';
    }
    if (type === 'Link') {
      const to = insidePath(linkpath ?? '');
      if (to === null || to === '') return leaveOut(path, `the link leads out of the folder, to ${linkpath}`);
      Object.assign(entry, { path, linkpath: to });
      tally.files += 1;
      return true;
    }
    if (!file) return leaveOut(path, `it is no file, folder or link (${type})`);
    Object.assign(entry, { path, mode: (mode ?? 0o644) & MODE_BITS });
    taken = true;
    tally.files += 1;
    tally.bytes += size ?? 0;
    return true;
  };
  /** Takes an entry out of the tally that was counted before it was made. */
  const uncount = (entry: ReadEntry): void => {
    if (notMade.has(entry)) return;
    notMade.add(entry);
    if (entry.type === 'Directory') tally.folders -= 1;
    else tally.files -= 1;
    if (FILES.has(entry.type)) tally.bytes -= entry.size;
  };
  const unpack = new Unpack({
    cwd: root,
    filter,
    // Owners of a session are not those of this machine.
    preserveOwner: false,
    chmod: true,
    processUmask: 0,
    onwarn: (code: string, message: string | Error, data: unknown) => {
      if (code === 'TAR_ENTRY_INFO') return;
      const { entry, recoverable } = (data ?? {}) as { entry?: ReadEntry; recoverable?: boolean };
      const error = (data ?? {}) as NodeJS.ErrnoException;
      const text = message instanceof Error ? message.message : message;
      if (entry !== undefined) uncount(entry);
      if (entry?.absolute !== undefined && OF_DATA.has(error.syscall)) broken.add(entry.absolute);
      // Without the one file that was asked for there is no copy.
      const needed = part !== null && entry !== undefined;
      if (recoverable === false || needed || isFailure(error)) failure ??= new Error(text);
      else tally.left_out.push({ path: entry?.path ?? '', why: text });
    },
  });
  const finished = new Promise<void>((resolve, reject) => {
    unpack.on('close', () => resolve());
    unpack.on('error', reject);
  });
  finished.catch((error: unknown) => {
    failure ??= error;
  });
  const check = (): void => {
    if (failure === null) return;
    const said = failure instanceof Error ? failure.message : String(failure);
    const text = part === null || only === null ? said : said.replace(part, () => only);
    if (/ENOSPC|EDQUOT/.test(text)) throw new CliError(`There is no space left for ${root}.`, { cause: failure });
    throw new CliError(`The copy could not be unpacked in ${root}: ${text}`, {
      cause: failure,
      ...(/EFBIG/.test(text) ? { hint: '`ulimit -f` shows how large a file may be here.' } : {}),
    });
  };

  const finish = async (): Promise<void> => {
    for (const link of links) {
      try {
        await makeLink(root, link);
        tally.links += 1;
      } catch (error) {
        leaveOut(link.path, (error as Error).message);
      }
    }
    if (part !== null && only !== null && taken) await rename(join(root, part), join(root, only));
    // The deepest first: what is done in a folder changes its time.
    for (const { path, mode, mtime } of folders.toReversed()) await setFolder(join(root, path), mode, mtime);
  };

  return {
    write: async (data) => {
      check();
      if (unpack.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength))) return;
      const drained = new Promise<void>((resolve) => unpack.once('drain', () => resolve()));
      await Promise.race([drained, finished]);
    },
    end: async () => {
      ended = true;
      unpack.end();
      await finished.catch(() => {});
      check();
      await finish();
    },
    leave: async () => {
      if (part === null && failure === null) return;
      if (!ended) unpack.end();
      // A file that could not be written may never be closed.
      await Promise.race([finished.catch(() => {}), pause(LONGEST_CLOSE_MS)]);
      if (part !== null) broken.add(join(root, part));
      for (const path of broken) await rm(path, { force: true }).catch(() => {});
    },
  };
};

/** @param path of a folder; where a link has its place it is left alone */
const setFolder = async (path: string, mode: number, mtime: Date | null): Promise<void> => {
  const found = await lstat(path).catch(() => null);
  if (!found?.isDirectory()) return;
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if (mtime !== null) await handle.utimes(mtime, mtime);
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
};
