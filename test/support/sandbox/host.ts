import { HANGS_SECONDS } from '../../acceptance/support/until.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '#ports/logger.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { openSandboxHost, type SandboxHostOptions } from '../../../functions/keeper/sandbox/host.ts';
import type { Sandbox, SandboxHost, SandboxSpec, SpawnSpec } from '../../../functions/keeper/sandbox/types.ts';

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

export const testHostOptions = (dataDir: string, more: Partial<SandboxHostOptions> = {}): SandboxHostOptions => ({
  dataDir,
  clock: systemClock,
  ids: systemIds,
  log: silent,
  isolation: 'full',
  network: 'host',
  poolSize: 0,
  ...more,
});

export interface TestHost extends AsyncDisposable {
  readonly host: SandboxHost;
  readonly dataDir: string;
}

/** A host on the given data folder, or on a new one. Disposing of it removes everything. */
export async function openTestHost(more: Partial<SandboxHostOptions> = {}): Promise<TestHost> {
  const dataDir = more.dataDir ?? mkdtempSync(join(tmpdir(), 'onmemos-sandbox-'));
  const host = await openSandboxHost(testHostOptions(dataDir, more));
  return {
    host,
    dataDir,
    [Symbol.asyncDispose]: async () => {
      await host.close();
      if (more.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export const testSpec = (key: string, more: Partial<SandboxSpec> = {}): SandboxSpec => ({
  key,
  session_id: `s-${key}`,
  cpu_millis: 1000,
  memory_mb: 256,
  pids: 64,
  disk_mb: 1024,
  workspace_dir: null,
  buckets: [],
  network: 'default',
  python: false,
  ...more,
});

export const testCommand = (command: string, more: Partial<SpawnSpec> = {}): SpawnSpec => ({
  argv: ['/bin/sh', '-c', command],
  cwd: null,
  env: {},
  tty: null,
  merge: false,
  stdin: false,
  ...more,
});

export interface Ran {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command until it and its output have ended. */
export async function run(sandbox: Sandbox, command: string, more: Partial<SpawnSpec> = {}, input = ''): Promise<Ran> {
  const spawned = await sandbox.spawn(testCommand(command, { stdin: input !== '', ...more }));
  const out = collect(spawned.stdout);
  const err = spawned.stderr ? collect(spawned.stderr) : Promise.resolve('');
  if (input !== '') spawned.stdin?.end(input);
  const { code, signal } = await spawned.exited;
  return { code, signal, out: await out, err: await err };
}

const collect = (stream: NodeJS.ReadableStream): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    stream.once('close', () => resolve(text));
    stream.once('end', () => resolve(text));
  });

/** Waits until a condition is true. @throws Error if it is not true within the time */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  ms = HANGS_SECONDS * 1000,
): Promise<void> {
  const deadline = systemClock.monotonic() + ms;
  while (!(await holds())) {
    if (systemClock.monotonic() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await systemClock.sleep(20);
  }
}
