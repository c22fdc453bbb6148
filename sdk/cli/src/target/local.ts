import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** The file that a running server writes into its data folder. */
export interface LocalServer {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
}

/** The data folder of the local server, found by the same rules as the server uses. */
export const dataDirOf = (env: NodeJS.ProcessEnv = process.env): string => {
  if (env['ONMEMOS_DATA_DIR']) return resolve(env['ONMEMOS_DATA_DIR']);
  const base = env['XDG_DATA_HOME'];
  return join(base && isAbsolute(base) ? base : join(homedir(), '.local', 'share'), 'onmemos');
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
export const readServerFile = async (dataDir: string): Promise<LocalServer | null> => {
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

export const readAdminKey = async (dataDir: string): Promise<string | null> => {
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

/** The running server of a data folder, with its key; null if none answers. */
export const liveServer = async (
  dataDir: string,
): Promise<{ readonly url: string; readonly apiKey: string } | null> => {
  const server = await readServerFile(dataDir);
  if (server === null || !isAlive(server.pid)) return null;
  const [apiKey, health] = await Promise.all([readAdminKey(dataDir), healthOf(server.url, HEALTH_LIMIT_MS)]);
  return apiKey === null || health === null ? null : { url: server.url, apiKey };
};
