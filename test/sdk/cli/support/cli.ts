import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE, personEnv } from '../../../acceptance/support/server.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
export const CLI = join(ROOT, 'sdk', 'cli', 'bin', 'onmemos.mjs');

export interface Home {
  readonly dir: string;
  readonly dataDir: string;
  /** The environment of a person who has set nothing of ours, with folders of this home alone. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** A home of its own for one test: config, data and caches lie in it. */
export const makeHome = async (env: Readonly<Record<string, string>> = {}): Promise<Home> => {
  const dir = await mkdtemp(join(tmpdir(), 'onmemos-cli-'));
  const dataDir = join(dir, 'data');
  const kept = Object.entries(personEnv()).filter(
    ([name, value]) => value !== undefined && !/^(NO_COLOR|FORCE_COLOR|XDG_)/.test(name),
  ) as [string, string][];
  return {
    dir,
    dataDir,
    env: {
      ...Object.fromEntries(kept),
      HOME: dir,
      XDG_CONFIG_HOME: join(dir, 'config'),
      // Compiled code is no state: shared, it makes hundreds of calls quicker.
      XDG_CACHE_HOME: join(ROOT, 'node_modules', '.cache', 'onmemos-cli'),
      ONMEMOS_DATA_DIR: dataDir,
      TERM: 'xterm-256color',
      TZ: 'UTC',
      ...env,
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
};

export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<Outcome>;
}

export interface CallOptions {
  readonly env: Readonly<Record<string, string>>;
  /** What is piped in; without it stdin is at its end from the beginning, `open` keeps it open. */
  readonly input?: string | Uint8Array | 'open';
  readonly cwd?: string;
}

/** Starts the program with pipes. */
export const launch = (args: readonly string[], { env, input, cwd }: CallOptions): Running => {
  const child = spawn(NODE, [CLI, ...args], {
    env,
    cwd,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  // A program that reads no more is no failure of the test that pipes into it.
  child.stdin?.on('error', () => {});
  if (input !== undefined && input !== 'open') child.stdin?.end(input);
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...texts }) as Outcome);
  return { child, stdout: () => texts.stdout, stderr: () => texts.stderr, ended };
};

/** Runs the program to its end. */
export const call = (args: readonly string[], options: CallOptions): Promise<Outcome> => launch(args, options).ended;
