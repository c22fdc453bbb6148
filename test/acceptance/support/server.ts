import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HANGS_SECONDS } from './until.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** The Node that runs the tests. The launchers ensure that it is the Node that the product needs. */
export const NODE = process.execPath;
export const START = join(ROOT, 'functions', 'standalone', 'start.mjs');

export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** An existing data folder. Default: a new one in the temporary folder. */
  readonly dataDir?: string;
  readonly args?: readonly string[];
  /** Words before the program, such as a change of user. */
  readonly before?: readonly string[];
  /** A Node other than that of the tests. */
  readonly node?: string;
}

export interface RunningServer {
  readonly url: string;
  readonly key: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** The text that the server has printed so far. */
  readonly printed: () => string;
  /** Resolves with exit code or signal when the server has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/**
 * Variables for reaching a registry, such as a certificate authority or a proxy. They are kept, as they are not
 * settings of OnMemOS.
 */
const NETWORK =
  /^(NODE_(EXTRA_CA_CERTS|USE_SYSTEM_CA|USE_ENV_PROXY)|npm_config_(registry|cache|ca|cafile|proxy|https_proxy|noproxy|strict_ssl))$/i;
const OURS = /^(ONMEMOS_|VITEST|NODE_)/;
/** npm's variables, which name the repository in which the suite was started. */
const OF_NPM = /^(npm_|INIT_CWD$)/i;

const without = (pattern: RegExp, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => NETWORK.test(name) || !pattern.test(name)));

/** The environment of a person who has set no variable of OnMemOS. */
export const cleanEnv = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => without(OURS, env);

/** The same for a person without the repository, with the tests' Node first on the path. */
export const personEnv = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({
  ...without(OF_NPM, cleanEnv(env)),
  PATH: `${dirname(NODE)}:${env['PATH'] ?? ''}`,
});

/** Starts the program and lets it run. */
export const launch = (options: ServerOptions & { readonly dataDir: string }) => {
  const { env = {}, args = ['--no-check'], before = [], dataDir, node = NODE } = options;
  const [program = node, ...rest] = [...before, node, START, ...args];
  const child = spawn(program, rest, {
    cwd: ROOT,
    env: { ...cleanEnv(), ONMEMOS_PORT: '0', ONMEMOS_LOG_LEVEL: 'warn', ONMEMOS_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      printed += text;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  return { child, ended, printed: () => printed };
};

/** Starts a server and waits until it serves. @throws Error with its output if it does not */
export const startServer = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'onmemos-test-')));
  const { child, ended, printed } = launch({ ...options, dataDir });
  for (let left = HANGS_SECONDS * 20; left > 0; left--) {
    const url = /serves at (http:\/\/\S+)/.exec(printed())?.[1];
    if (url) {
      const key = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
      return { url, key, dataDir, child, printed, ended };
    }
    if (child.exitCode !== null || child.signalCode !== null) break;
    await pause(50);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not start:\n${printed()}`);
};

/** Ends a server and all its sessions, and removes its folder. */
export const stopServer = async ({ child, dataDir, printed, url, key }: RunningServer): Promise<void> => {
  const headers = { 'X-API-Key': key };
  const gone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  if (!gone()) {
    const live = (await (await fetch(`${url}/v1/sessions?limit=1000`, { headers })).json()) as {
      items: { id: string; ended_at: string | null }[];
    };
    for (const { id, ended_at } of live.items) {
      if (ended_at === null) await fetch(`${url}/v1/sessions/${id}/force-delete`, { method: 'POST', headers });
    }
    child.kill('SIGTERM');
  }
  for (let tick = 0; !gone(); tick++) {
    if (tick > HANGS_SECONDS * 10) {
      child.kill('SIGKILL');
      throw new Error(`the server did not end:\n${printed()}`);
    }
    await pause(100);
  }
  // The keeper would exit by itself, but only after some seconds.
  for (const pid of await keeperPids(dataDir)) process.kill(pid, 'SIGTERM');
  for (let tick = 0; (await keeperPids(dataDir)).length > 0; tick++) {
    if (tick > HANGS_SECONDS * 10) throw new Error(`the keeper of ${dataDir} did not end`);
    await pause(100);
  }
  await rm(dataDir, { recursive: true, force: true });
};

/** The keepers of this data folder, found by their command lines. */
export const keeperPids = async (dataDir: string): Promise<number[]> => {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const argv = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (argv.includes('--data-dir') && argv.includes(dataDir)) found.push(Number(entry));
  }
  return found;
};
