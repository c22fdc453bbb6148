import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The contents of `server.json` in the data folder. */
export interface ServerNote {
  /** Where this machine's clients reach it. */
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  /** Whether it was started only for calls of this machine, and exits after them. */
  readonly embedded: boolean;
}

export interface Discovery {
  publish(): Promise<void>;
  withdraw(): Promise<void>;
  /** Withdraws for good. */
  end(): Promise<void>;
}

const notePath = (dataDir: string): string => join(dataDir, 'server.json');

/** An address to connect to, where the server listens on all of them. */
const reachable = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host);

/** A URL of a host, which may be an IPv6 address, and a port. */
export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The URL by which a client on this machine reaches what listens on `host`. */
export const localUrl = (host: string, port: number): string => urlOf(reachable(host), port);

/** Removes what a killed server has left, so that no client takes its port for ours. For the holder of the folder's lock. */
export const forgetNote = (dataDir: string): Promise<void> => rm(notePath(dataDir), { force: true });

/** Tells this machine's clients where the server of a data folder is. For the holder of the folder's lock. */
export const discoveryOf = (dataDir: string, note: ServerNote): Discovery => {
  const path = notePath(dataDir);
  let ended = false;
  let last = Promise.resolve();
  /** One write after another, so that the last one stays. */
  const next = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work, work);
    return last;
  };
  const write = async (): Promise<void> => {
    if (ended) return;
    // Whole or not at all: a client may read it at any moment.
    const temporary = `${path}.new`;
    await rm(temporary, { force: true });
    await writeFile(temporary, `${JSON.stringify(note)}\n`, { mode: 0o600 });
    await rename(temporary, path);
  };
  const remove = (): Promise<void> => forgetNote(dataDir);
  return {
    publish: () => next(write),
    withdraw: () => next(remove),
    end: () => {
      ended = true;
      return next(remove);
    },
  };
};

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** The server that a data folder's note names; null where there is no note, or its process is gone. */
export const readNote = async (dataDir: string): Promise<ServerNote | null> => {
  try {
    const note = JSON.parse(await readFile(notePath(dataDir), 'utf8')) as Partial<ServerNote>;
    const { url, pid, version = '', embedded = false } = note;
    if (typeof url !== 'string' || typeof pid !== 'number' || !lives(pid)) return null;
    return { url, pid, version, embedded };
  } catch {
    return null;
  }
};
