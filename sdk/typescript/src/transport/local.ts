import { environment, processLives, readTextFile } from './platform.ts';

/** The server of this machine, as it tells its own user's programs. */
export interface LocalServer {
  /** Null where none serves, or none says where. */
  readonly url: string | null;
  /** Read when asked: null where there is none, or it is not this user's. */
  adminKey(): string | null;
}

/** Looks in the data folder of a server on this machine. Browsers have none. */
export const localServer = (): LocalServer => {
  const folder = dataFolder();
  return {
    url: folder === null ? null : urlOf(readTextFile(`${folder}/server.json`)),
    adminKey: () => (folder === null ? null : readTextFile(`${folder}/admin.key`)),
  };
};

const dataFolder = (): string | null => {
  const own = environment('ONMEMOS_DATA_DIR');
  if (own !== null) return own;
  const shared = environment('XDG_DATA_HOME');
  if (shared?.startsWith('/')) return `${shared}/onmemos`;
  const home = environment('HOME');
  // A relative one would mean another folder with each current one.
  return home?.startsWith('/') ? `${home}/.local/share/onmemos` : null;
};

const urlOf = (text: string | null): string | null => {
  try {
    const { url, pid } = JSON.parse(text ?? '{}') as { readonly url?: unknown; readonly pid?: unknown };
    if (typeof url !== 'string' || url === '' || typeof pid !== 'number') return null;
    // A server that was killed leaves its note, and its port may be another's by now: the key must not go there.
    return processLives(pid) ? url : null;
  } catch {
    // A file that is being written is read as none.
    return null;
  }
};
