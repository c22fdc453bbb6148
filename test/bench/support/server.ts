import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from './client.ts';
import { findKeeper } from './processes.ts';

const START = join(import.meta.dirname, '..', '..', '..', 'functions', 'standalone', 'start.mjs');
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 60_000;

export interface Server {
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly client: Client;
  /** Ends server, keeper and sessions. The data folder goes too, unless it is to be used again. */
  stop(options?: { readonly keepData?: boolean }): Promise<void>;
}

export interface ServerOptions {
  /** Sandboxes kept ready. */
  readonly pool?: number;
  readonly dataDir?: string;
}

/**
 * The service as `npm start` runs it, in a process of its own at isolation `full`, with its log of every request in a
 * file. @throws Error with what it printed, where it does not start
 */
export const startServer = async ({ pool = 0, dataDir }: ServerOptions = {}): Promise<Server> => {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'onmemos-bench-')));
  const printed = join(folder, 'printed');
  const output = await open(printed, 'w');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ONMEMOS_')));
  const child = spawn(process.execPath, [START, '--no-check'], {
    env: {
      ...env,
      ONMEMOS_DATA_DIR: folder,
      ONMEMOS_PORT: '0',
      ONMEMOS_ISOLATION: 'full',
      ONMEMOS_POOL_SIZE: String(pool),
    },
    stdio: ['ignore', output.fd, output.fd],
  });
  await output.close();
  const url = await whenServing(child, printed);
  const key = (await readFile(join(folder, 'admin.key'), 'utf8')).trim();
  const client = new Client(url, key);
  return {
    url,
    dataDir: folder,
    pid: child.pid ?? 0,
    client,
    stop: async (options) => {
      client.close();
      await stop(child, folder);
      if (!options?.keepData) await rm(folder, { recursive: true, force: true });
    },
  };
};

const whenServing = async (child: ChildProcess, printed: string): Promise<string> => {
  const end = performance.now() + START_LIMIT_MS;
  while (performance.now() < end && child.exitCode === null && child.signalCode === null) {
    const url = /serves at (http:\/\/\S+)/.exec(await readFile(printed, 'utf8'))?.[1];
    if (url) return url;
    await pause(2);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not start:\n${await readFile(printed, 'utf8')}`);
};

const POOL_LIMIT_MS = 60_000;

/** Waits until so many sandboxes are ready; none may be a session's. @throws Error when they do not become it */
export const whenPoolIsFull = async ({ dataDir }: Server, pool: number): Promise<void> => {
  const end = performance.now() + POOL_LIMIT_MS;
  for (;;) {
    const ready = (await readdir(join(dataDir, 'sandboxes'))).filter((name) => name.startsWith('ready-'));
    // The last of them has its folder and is not made yet.
    await pause(50);
    if (ready.length >= pool) return;
    if (performance.now() > end) throw new Error(`${ready.length} of ${pool} sandboxes are ready`);
  }
};

/** The server leaves its sessions to the keeper; a keeper that is told to stop ends them and then itself. */
const stop = async (child: ChildProcess, dataDir: string): Promise<void> => {
  const end = performance.now() + STOP_LIMIT_MS;
  child.kill('SIGTERM');
  while (child.exitCode === null && child.signalCode === null) {
    if (performance.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`the server of ${dataDir} did not end`);
    }
    await pause(20);
  }
  const keeper = findKeeper(dataDir);
  if (keeper !== null) process.kill(keeper, 'SIGTERM');
  while (findKeeper(dataDir) !== null) {
    if (performance.now() > end) throw new Error(`the keeper of ${dataDir} did not end`);
    await pause(20);
  }
};

/** Runs `use` against a server of its own, which is stopped however `use` ends. */
export const withServer = async <R>(options: ServerOptions, use: (server: Server) => Promise<R>): Promise<R> => {
  const server = await startServer(options);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
};
