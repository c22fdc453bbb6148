import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `server.json` in the data folder says of the server that has it. */
export interface ServerNote {
  /** Where this machine's clients reach it. */
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  /** Started for the calls of this machine alone, and gone after them. */
  readonly embedded: boolean;
}

export interface Discovery {
  publish(): Promise<void>;
  withdraw(): Promise<void>;
}

const notePath = (dataDir: string): string => join(dataDir, 'server.json');

/** An address to connect to, where the server listens on all of them. */
const reachable = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host);

/** A URL of a host, which may be an IPv6 address, and a port. */
export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The URL by which a client on this machine reaches what listens on `host`. */
export const localUrl = (host: string, port: number): string => urlOf(reachable(host), port);

/**
 * Tells this machine's clients where the server of a data folder is. Only the holder of the folder's lock publishes, so
 * that whatever lies there before is of a server that was killed.
 */
export const discoveryOf = (dataDir: string, note: ServerNote): Discovery => {
  const path = notePath(dataDir);
  return {
    publish: async () => {
      // Whole or not at all: a client may read it at any moment.
      const temporary = `${path}.new`;
      await rm(temporary, { force: true });
      await writeFile(temporary, `${JSON.stringify(note)}\n`, { mode: 0o600 });
      await rename(temporary, path);
    },
    withdraw: () => rm(path, { force: true }),
  };
};

/** What lies in a data folder, which may be of a server that was killed; null where there is nothing to be read. */
export const readNote = async (dataDir: string): Promise<ServerNote | null> => {
  try {
    const note = JSON.parse(await readFile(notePath(dataDir), 'utf8')) as Partial<ServerNote>;
    const { url, pid, version = '', embedded = false } = note;
    return typeof url === 'string' && typeof pid === 'number' ? { url, pid, version, embedded } : null;
  } catch {
    return null;
  }
};
