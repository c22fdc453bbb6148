import { closeSync, fdatasync, openSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { syncNames, syncNamesAside } from '#platform/durable-folder.ts';

/** What is remembered of a session after its sandbox is gone, for the bill and the reason of its end. */
export interface SessionRecord {
  readonly key: string;
  readonly session_id: string;
  readonly state: 'running' | 'ended' | 'lost';
  readonly created_at: number;
  /** null: it never ran. */
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly reason: string | null;
  readonly message: string | null;
  /** Its end was requested: it is never created again. */
  readonly removed: boolean;
  /** The boot of the machine in which it ran. */
  readonly boot_id: string;
}

/** Records as small files that outlive the keeper and a power failure. */
export interface RecordStore {
  get(key: string): SessionRecord | null;
  /** The record is on the disk when this resolves: only then may a caller be told of it. */
  put(record: SessionRecord): Promise<void>;
  /** After a power failure the record may be there again: it is then removed by its age. */
  remove(key: string): Promise<void>;
  all(): readonly SessionRecord[];
}

export const openRecordStore = async (dir: string): Promise<RecordStore> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const folder of [dirname(dir), dirname(dirname(dir))]) syncNames(folder);
  const records = new Map<string, SessionRecord>();
  const busy = new Map<string, Promise<void>>();
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    const record = name.endsWith('.json') ? await loadRecord(path) : null;
    if (record) records.set(record.key, record);
    else await rm(path, { force: true });
  }

  const syncFolder = batched(() => syncNamesAside(dir));
  const pathOf = (key: string): string => join(dir, `${key}.json`);

  /** Changes of one record reach the disk in their order. */
  const inOrder = (key: string, work: () => Promise<void>): Promise<void> => {
    const done = (busy.get(key) ?? Promise.resolve()).catch(() => {}).then(work);
    busy.set(key, done);
    return done.finally(() => {
      if (busy.get(key) === done) busy.delete(key);
    });
  };

  return {
    get: (key) => records.get(key) ?? null,
    all: () => [...records.values()],
    put: (record) => {
      const replaces = records.has(record.key);
      records.set(record.key, record);
      return inOrder(record.key, () => writeDurably(pathOf(record.key), JSON.stringify(record), replaces, syncFolder));
    },
    remove: (key) => {
      records.delete(key);
      return inOrder(key, () => rm(pathOf(key), { force: true }));
    },
  };
};

const datasync = promisify(fdatasync);

/**
 * Writes a file and its name to the disk. Only what waits for the disk is left to other threads: on a busy machine each
 * turn there and back costs a create more than the small steps between. The two syncs run at once where no earlier
 * content can be lost by it, so that they share one commit of the file system.
 */
const writeDurably = async (path: string, text: string, replaces: boolean, syncFolder: () => Promise<void>) => {
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeFileSync(file, text);
    const content = datasync(file);
    // Heard below, but not where the rename fails first.
    content.catch(() => {});
    if (replaces) await content;
    renameSync(`${path}.new`, path);
    const results = await Promise.allSettled([content, syncFolder()]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  } finally {
    closeSync(file);
  }
};

/** Runs one at a time. Calls that come while one runs share the next, which begins after each of them has come. */
const batched = (run: () => Promise<void>): (() => Promise<void>) => {
  let current: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    next ??= current
      .catch(() => {})
      .then(() => {
        current = next ?? current;
        next = null;
        return run();
      });
    return next;
  };
};

/**
 * A record as it is on disk, perhaps of another release; null where there is none, or a file that holds none.
 * @throws Error where the file can't be read: it may hold one all the same
 */
export const loadRecord = async (path: string): Promise<SessionRecord | null> => {
  const text = await readIfThere(path);
  if (text === null) return null;
  const found = parsed(text);
  if (!isRecord(found)) return null;
  // A later release may have states that are unknown here. Such a session may still run.
  return STATES.includes(found.state) ? found : { ...found, state: 'running' };
};

const readIfThere = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new Error(`a session’s record can’t be read: ${message}. Make it readable, or remove it`, { cause: error });
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const STATES: readonly unknown[] = ['running', 'ended', 'lost'];

const isRecord = (found: unknown): found is SessionRecord => {
  if (typeof found !== 'object' || found === null) return false;
  const { key, session_id, created_at } = found as Partial<Record<keyof SessionRecord, unknown>>;
  return typeof key === 'string' && typeof session_id === 'string' && typeof created_at === 'number';
};
