import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { homeOf } from './home.ts';

/** The file that a running server writes into its data folder. */
export interface LocalServer {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
}

/** The data folder of the local server, found by the same rules as the server uses; null if there is no home folder. */
export const dataDirOf = (env: NodeJS.ProcessEnv = process.env): string | null => {
  if (env['ONMEMOS_DATA_DIR']) return resolve(env['ONMEMOS_DATA_DIR']);
  const base = env['XDG_DATA_HOME'];
  if (base && isAbsolute(base)) return join(base, 'onmemos');
  const home = homeOf(env);
  return home === null ? null : join(home, '.local', 'share', 'onmemos');
};

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user is also alive.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** The content of `server.json`, whether or not the server still runs; null if it can't be read. */
export const readServerFile = async (dataDir: string | null): Promise<LocalServer | null> => {
  if (dataDir === null) return null;
  try {
    const { url, pid, version } = JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    if (typeof url !== 'string' || typeof pid !== 'number') return null;
    return { url, pid, version: typeof version === 'string' ? version : 'unknown' };
  } catch {
    return null;
  }
};

export const adminKeyPath = (dataDir: string): string => join(dataDir, 'admin.key');

export const readAdminKey = async (dataDir: string | null): Promise<string | null> => {
  if (dataDir === null) return null;
  try {
    return (await readFile(adminKeyPath(dataDir), 'utf8')).trim() || null;
  } catch {
    return null;
  }
};

export interface Health {
  readonly version: string;
  readonly uptime_seconds: number;
}

/** The health answer of a server; null if no OnMemOS server answers. */
export const healthOf = async (url: string, limitMs: number): Promise<Health | null> => {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(limitMs) });
    const body = (await answer.json()) as Record<string, unknown>;
    if (body['status'] !== 'healthy' || typeof body['version'] !== 'string') return null;
    return { version: body['version'], uptime_seconds: Number(body['uptime_seconds'] ?? 0) };
  } catch {
    return null;
  }
};

const HEALTH_LIMIT_MS = 5_000;

/** What the file of a data folder says of its server; null if there is none, or its process has ended. */
export const runningServer = async (dataDir: string | null): Promise<LocalServer | null> => {
  const server = await readServerFile(dataDir);
  return server !== null && isAlive(server.pid) ? server : null;
};

/** What to do where a server runs whose key can't be read. */
export const KEYLESS_HINT = 'Set ONMEMOS_API_KEY to a key of that server, or keep one with `onmemos login`.';

/**
 * The running server of a data folder, with its key; null if none answers, or if there is no key.
 * @param otherKey the key to use if the one of the server can't be read
 */
export const liveServer = async (
  dataDir: string | null,
  otherKey?: string,
): Promise<{ readonly url: string; readonly apiKey: string } | null> => {
  const server = await runningServer(dataDir);
  if (server === null) return null;
  const [own, health] = await Promise.all([readAdminKey(dataDir), healthOf(server.url, HEALTH_LIMIT_MS)]);
  const apiKey = own ?? otherKey;
  return !apiKey || health === null ? null : { url: server.url, apiKey };
};

/** The address of the server that runs with a data folder if its key can't be read: the folder is another user's, say. */
export const keylessServer = async (dataDir: string | null): Promise<string | null> => {
  const server = await runningServer(dataDir);
  if (server === null || (await readAdminKey(dataDir)) !== null) return null;
  return (await healthOf(server.url, HEALTH_LIMIT_MS)) === null ? null : server.url;
};
