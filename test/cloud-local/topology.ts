import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { accountsIn, keyringIn, LOCATION, makeQueues } from '../support/deployment.ts';
import { freePort } from '../support/free-port.ts';
import { emulatorCommand } from '../support/firestore-emulator.ts';
import { registerTrigger } from './eventarc.ts';
import { Program } from './processes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HERE = import.meta.dirname;
const QUEUE_PREFIX = 'onmemos-';
/** What one worker of this machine takes at once. */
const CAPACITY = { max_instances: 2, concurrency: 80 };

export interface TopologyOptions {
  /** Port of the API. */
  readonly port: number;
  /** Holds the admin key, the keyring, the logs, and the keeper with its sessions. */
  readonly dataDir: string;
  readonly project: string;
  /** Whether there is a server for buckets, which needs Go. */
  readonly buckets: boolean;
  /** Further settings of the functions. */
  readonly settings?: NodeJS.ProcessEnv;
  /** Those of one of them, such as the addresses of relays before its servers. */
  readonly settingsOf?: (name: string, servers: Servers) => Promise<NodeJS.ProcessEnv>;
  /** Of the server that takes the place of Cloud Tasks, such as `--faults`. */
  readonly tasksArgs?: readonly string[];
  readonly triggerArgs?: readonly string[];
  readonly scheduleMs?: number;
  /** Ends the start where it is: every program is stopped, and the start fails. */
  readonly stopping?: AbortSignal;
  /** Is told of each program that serves. */
  readonly started?: (program: Program, ms: number) => void;
}

/** What the functions call. */
export interface Servers {
  readonly emulatorHost: string;
  readonly tasksHost: string;
  /** Of the keeper. */
  readonly dataDir: string;
}

export interface Topology {
  readonly url: string;
  readonly key: string;
  /** In the order in which they were started. */
  readonly programs: ReadonlyMap<string, Program>;
  /** Where the server that takes the place of Cloud Tasks has its faults and counts. */
  readonly tasksPages: string;
  readonly emulatorHost: string;
  readonly project: string;
  /** The environment of a function, by which a test opens the same store. */
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

const node = (file: string, ...args: readonly string[]): readonly string[] => [process.execPath, file, ...args];

/** Starts every process of a deployment on this machine, in the order in which they need each other. */
export const startTopology = async (options: TopologyOptions): Promise<Topology> => {
  const { dataDir, project, started, stopping } = options;
  const logs = join(dataDir, 'logs');
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const programs = new Map<string, Program>();
  const base: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    // By it the processes that an interrupted run of the tests leaves are found.
    TMPDIR: process.env['TMPDIR'],
    METADATA_SERVER_DETECTION: 'none',
  };
  const start = async (
    name: string,
    command: readonly string[] | null,
    { env = {}, serves = 'serving' }: { readonly env?: NodeJS.ProcessEnv; readonly serves?: string } = {},
  ): Promise<Program | null> => {
    if (command === null) return null;
    stopping?.throwIfAborted();
    const program = new Program({ name, command, env: { ...base, ...env }, serves }, logs);
    programs.set(name, program);
    const began = performance.now();
    await program.start();
    started?.(program, Math.round(performance.now() - began));
    return program;
  };
  const stop = async (): Promise<void> => {
    // What is asked for stops before what it asks.
    for (const program of [...programs.values()].reverse()) await program.end();
  };
  const aborted = new Promise<never>((_, reject) =>
    stopping?.addEventListener('abort', () => reject(new Error('the start was ended')), { once: true }),
  );
  const startAll = async (): Promise<Topology> => {
    const ports = await Promise.all(Array.from({ length: 12 }, () => freePort()));
    const [emulatorPort, tasksPort, pagesPort, triggerPort, gcsPort, workerPort, schedulerPort, ...rest] = ports as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      ...number[],
    ];
    const [apiA, apiB, workerA, workerB] = rest as [number, number, number, number];
    const accounts = accountsIn(project);
    const emulatorHost = `127.0.0.1:${emulatorPort}`;
    const pages = `http://127.0.0.1:${pagesPort}`;
    const workerUrl = `http://127.0.0.1:${workerPort}`;
    const schedulerUrl = `http://127.0.0.1:${schedulerPort}`;

    await start('firestore', await emulatorCommand(emulatorPort, `127.0.0.1:${triggerPort}`), { serves: 'running' });
    const tasks = ['--port', String(tasksPort), '--pages-port', String(pagesPort), ...(options.tasksArgs ?? [])];
    await start('tasks', node(join(ROOT, 'test/support/cloud-tasks/main.ts'), ...tasks), { serves: '"pages_url"' });
    await makeQueues({ host: '127.0.0.1', port: tasksPort, project, prefix: QUEUE_PREFIX, capacity: CAPACITY });
    const gcs = options.buckets ? node(join(ROOT, 'test/support/fake-gcs/main.ts'), String(gcsPort)) : null;
    await start('gcs', gcs, { serves: 'http' });
    await start('keeper', node(join(HERE, 'keeper.ts'), dataDir));

    const env: NodeJS.ProcessEnv = {
      ONMEMOS_HOST: '127.0.0.1',
      ONMEMOS_PROJECT: project,
      ONMEMOS_LOCATION: LOCATION,
      ONMEMOS_QUEUE_PREFIX: QUEUE_PREFIX,
      ONMEMOS_WORKER_URL: workerUrl,
      ONMEMOS_SCHEDULER_URL: schedulerUrl,
      ONMEMOS_TASKS_ACCOUNT: accounts.tasks,
      ONMEMOS_EVENTS_ACCOUNT: accounts.events,
      ONMEMOS_SCHEDULE_ACCOUNT: accounts.schedule,
      ONMEMOS_KEYRING_FILE: await keyringIn(dataDir),
      ONMEMOS_DATA_DIR: dataDir,
      ONMEMOS_DEFAULT_USER_TYPE: 'enterprise',
      ONMEMOS_TASKS_ENDPOINT: `127.0.0.1:${tasksPort}`,
      ONMEMOS_TOKEN_KEYS: `${pages}/oauth2/v1/certs`,
      ONMEMOS_PUBLIC_URL: `http://127.0.0.1:${options.port}`,
      FIRESTORE_EMULATOR_HOST: emulatorHost,
      // Without a server for buckets nothing listens there, and Google's own is not asked.
      STORAGE_EMULATOR_HOST: `http://127.0.0.1:${gcsPort}`,
      ...options.settings,
    };
    const servers: Servers = { emulatorHost, tasksHost: `127.0.0.1:${tasksPort}`, dataDir };
    const run = async (name: string, fn: string, port: number) =>
      start(name, node(join(ROOT, 'functions', fn, 'main.ts')), {
        env: { ...env, PORT: String(port), ...(await options.settingsOf?.(name, servers)) },
        serves: '"message":"serving"',
      });
    await Promise.all([run('worker-1', 'worker', workerA), run('worker-2', 'worker', workerB)]);
    await start('worker', node(join(HERE, 'balance.ts'), ...[workerPort, workerA, workerB].map(String)));
    await run('scheduler', 'scheduler', schedulerPort);
    await Promise.all([run('api-1', 'api', apiA), run('api-2', 'api', apiB)]);
    await start('api', node(join(HERE, 'balance.ts'), ...[options.port, apiA, apiB].map(String)));
    const called = (account: string, audience: string) => [
      '--account',
      account,
      '--audience',
      audience,
      '--pages',
      pages,
    ];
    const triggerArgs = ['--port', String(triggerPort), '--worker', workerUrl, ...called(accounts.events, workerUrl)];
    await start('trigger', node(join(HERE, 'trigger.ts'), ...triggerArgs, ...(options.triggerArgs ?? [])));
    await registerTrigger(emulatorHost, project);
    const scheduleArgs = ['--scheduler', schedulerUrl, ...called(accounts.schedule, schedulerUrl)];
    const every = ['--every-ms', String(options.scheduleMs ?? 60_000)];
    await start('schedule', node(join(HERE, 'schedule.ts'), ...scheduleArgs, ...every));

    const key = await firstKey({ ...base, ...env }, dataDir);
    const url = `http://127.0.0.1:${options.port}`;
    while (
      !(await fetch(`${url}/ready`)
        .then(({ ok }) => ok)
        .catch(() => false))
    )
      await pause(50);
    return { url, key, programs, tasksPages: pages, emulatorHost, project, env: { ...base, ...env }, stop };
  };
  try {
    return await Promise.race([startAll(), aborted]);
  } catch (error) {
    await stop();
    throw error;
  }
};

/** The store is in memory, so that each start has a new key. */
const firstKey = async (env: NodeJS.ProcessEnv, dataDir: string): Promise<string> => {
  const args = [join(ROOT, 'functions/admin/main.ts'), 'bootstrap'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const key = stdout.trim();
  const path = join(dataDir, 'admin.key');
  await writeFile(path, `${key}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
  return key;
};
