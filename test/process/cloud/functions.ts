import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { openGoogleCloud } from '#wiring/google-cloud.ts';
import { type CloudFunction, readCloudSettings } from '#wiring/google-cloud-settings.ts';
import { readPrices } from '#wiring/prices.ts';
import {
  accountsIn,
  connectedKeeper,
  keeperCommand,
  keyringIn,
  LOCATION,
  makeQueues,
} from '../../support/deployment.ts';
import { freePort } from '../../support/free-port.ts';
import { type CloudTasksServer, startCloudTasks } from '../../support/cloud-tasks/server.ts';
import { emulatorMissing, type FirestoreEmulator, startFirestoreEmulator } from '../../support/firestore-emulator.ts';
import { type Outcome, type Started, startProgram } from '../../support/program.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Why these tests can't run here, with what would let them; null where they can. */
export const functionsMissing = emulatorMissing;

export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly severity: string;
  readonly message: string;
}

export interface RunningFunction {
  readonly url: string;
  readonly started: Started;
  /** The JSON lines that it has written. A line that is none fails. */
  lines(): readonly LogLine[];
  /** Sends it a signal. @returns how it ended */
  end(signal?: NodeJS.Signals): Promise<Outcome>;
}

/** Firestore, Cloud Tasks, a keeper and a keyring, for functions that run as processes. */
export interface Ground {
  readonly tasks: CloudTasksServer;
  readonly emulatorHost: string;
  readonly workerUrl: string;
  readonly schedulerUrl: string;
  readonly project: string;
  readonly accounts: ReturnType<typeof accountsIn>;
  /** A key that may do everything. */
  readonly key: string;
  /** @param env changes the environment; undefined takes a variable out */
  start(name: CloudFunction, env?: NodeJS.ProcessEnv, command?: readonly string[]): Promise<RunningFunction>;
  /** The same without waiting until it serves. */
  begin(name: CloudFunction, env?: NodeJS.ProcessEnv, command?: readonly string[]): Started;
  /** Starts what is not to serve. */
  refused(name: CloudFunction, env: NodeJS.ProcessEnv): Promise<Outcome>;
  stop(): Promise<void>;
}

const linesOf = (text: string): readonly LogLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);

const emulatorHere = async (): Promise<FirestoreEmulator> => {
  const emulator = await startFirestoreEmulator();
  if (emulator === null) throw new Error('there is no Firestore emulator');
  return emulator;
};

const QUEUE_PREFIX = 'test-';

/** The first key, which no function makes. */
const makeKey = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const settings = readCloudSettings('api', env);
  const [clock, ids, log] = [systemClock, systemIds, createLogger({ level: 'silent' })];
  const machine = await openGoogleCloud({ settings, prices: readPrices(settings), clock, ids, log });
  try {
    return await bootstrapAdminKey(machine.deps, 'admin', async () => {});
  } finally {
    await machine.close();
  }
};

export const openGround = async (): Promise<Ground> => {
  const [emulator, tasks] = await Promise.all([emulatorHere(), startCloudTasks({ factor: 10 })]);
  const project = emulator.project();
  const accounts = accountsIn(project);
  const capacity = { max_instances: 10, concurrency: 80 };
  await makeQueues({ host: tasks.host, port: tasks.port, project, prefix: QUEUE_PREFIX, capacity });
  const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-functions-'));
  const keyring = await keyringIn(dataDir);
  const [program, ...args] = keeperCommand(dataDir);
  const keeper = spawn(program, args, { stdio: 'ignore' });
  const held = await connectedKeeper(dataDir);
  const [apiPort, workerPort, schedulerPort] = [await freePort(), await freePort(), await freePort()];
  const workerUrl = `http://127.0.0.1:${workerPort}`;
  const schedulerUrl = `http://127.0.0.1:${schedulerPort}`;
  const common: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    METADATA_SERVER_DETECTION: 'none',
    ONMEMOS_HOST: '127.0.0.1',
    ONMEMOS_PROJECT: project,
    ONMEMOS_LOCATION: LOCATION,
    ONMEMOS_QUEUE_PREFIX: QUEUE_PREFIX,
    ONMEMOS_WORKER_URL: workerUrl,
    ONMEMOS_TASKS_ACCOUNT: accounts.tasks,
    ONMEMOS_KEYRING_FILE: keyring,
    ONMEMOS_DATA_DIR: dataDir,
    ONMEMOS_DEFAULT_USER_TYPE: 'enterprise',
    ONMEMOS_TASKS_ENDPOINT: `${tasks.host}:${tasks.port}`,
    ONMEMOS_TOKEN_KEYS: tasks.certs_url,
    FIRESTORE_EMULATOR_HOST: emulator.host,
  };
  const own: Readonly<Record<CloudFunction, NodeJS.ProcessEnv>> = {
    api: { PORT: String(apiPort), ONMEMOS_PUBLIC_URL: `http://127.0.0.1:${apiPort}` },
    worker: { PORT: String(workerPort), ONMEMOS_EVENTS_ACCOUNT: accounts.events },
    scheduler: {
      PORT: String(schedulerPort),
      ONMEMOS_SCHEDULER_URL: schedulerUrl,
      ONMEMOS_SCHEDULE_ACCOUNT: accounts.schedule,
    },
  };
  const running = new Set<RunningFunction>();
  const begin = (name: CloudFunction, env: NodeJS.ProcessEnv, command?: readonly string[]): Started => {
    const [file = '', ...args] = command ?? [process.execPath, join(ROOT, 'functions', name, 'main.ts')];
    const given = Object.entries({ ...common, ...own[name], ...env }).filter(([, value]) => value !== undefined);
    return startProgram(file, args, {
      env: Object.fromEntries(given),
      cwd: command ? dirname(command[1] ?? '') : ROOT,
    });
  };

  return {
    tasks,
    emulatorHost: emulator.host,
    workerUrl,
    schedulerUrl,
    project,
    accounts,
    key: await makeKey({ ...common, ...own.api }),
    start: async (name, env = {}, command) => {
      const started = begin(name, env, command);
      const url = `http://127.0.0.1:${env['PORT'] ?? own[name]['PORT']}`;
      for (;;) {
        if (started.child.exitCode !== null) throw new Error(`${name} did not start: ${started.printed()}`);
        if (started.stdout().includes('"message":"serving"')) break;
        await Promise.race([once(started.child.stdout ?? started.child, 'data'), started.ended]);
      }
      const one: RunningFunction = {
        url,
        started,
        lines: () => linesOf(started.stdout()),
        end: (signal = 'SIGTERM') => {
          running.delete(one);
          started.child.kill(signal);
          return started.ended;
        },
      };
      running.add(one);
      return one;
    },
    begin: (name, env = {}, command) => begin(name, env, command),
    refused: (name, env) => begin(name, env).ended,
    stop: async () => {
      await Promise.all([...running].map((one) => one.end('SIGKILL')));
      held.close();
      keeper.kill('SIGTERM');
      await Promise.all([tasks.stop(), emulator.stop(), keeper.exitCode === null ? once(keeper, 'exit') : null]);
      await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
};
