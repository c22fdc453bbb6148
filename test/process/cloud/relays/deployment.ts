import { Registry } from 'prom-client';
import type { FirestoreStore } from '#drivers/store/firestore/firestore-store.ts';
import { openFirestoreStore } from '#drivers/store/firestore/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import type { Clock } from '#ports/clock.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { COLLECTIONS, commits as markers } from '#services/model/collections.ts';
import { openGoogleCloud } from '#wiring/google-cloud.ts';
import { CLOUD_FUNCTIONS, type CloudFunction, readCloudSettings } from '#wiring/google-cloud-settings.ts';
import { readPrices } from '#wiring/prices.ts';
import { computesOf, LOCAL_NAMES, storagesOf } from '#wiring/providers.ts';
import { type Api, createApp } from '../../../../functions/api/app.ts';
import { apiSettings } from '../../../../functions/api/deps.ts';
import { createMetrics } from '../../../../functions/api/metrics.ts';
import { createSchedulerApp } from '../../../../functions/scheduler/app.ts';
import { createWorkerApp } from '../../../../functions/worker/app.ts';
import { keptLog, type Line, serveFunction } from '../../../api/support/function-server.ts';
import { registerTrigger } from '../../../cloud-local/eventarc.ts';
import { startCloudTasks } from '../../../support/cloud-tasks/server.ts';
import { accountsIn, LOCATION, makeQueues } from '../../../support/deployment.ts';
import { CLOUD_TASKS, FIRESTORE, type GrpcRelay, startGrpcRelay } from '../../../support/grpc-relay.ts';
import { type HttpRelay, startHttpRelay } from '../../../support/http-relay.ts';
import { describeCall, type Fault } from './calls.ts';
import type { Emulator, Lane } from './lane.ts';
import { QUEUE_PREFIX } from './names.ts';
import { CommitLog } from './commit-log.ts';
import { ProviderRecord } from './provider-record.ts';

const OVER_GRPC = {
  'cut before': 14,
  'cut after': 'lost',
  swallowed: 'silent',
  stalled: 'late',
  repeated: 'twice',
} as const;
const OVER_HTTP = {
  'cut before': 'cut',
  'cut after': 'lost',
  swallowed: 'silent',
  stalled: 'late',
  repeated: 'twice',
} as const;

/** Decides about each call, by what it is about; null lets it pass. */
interface Decides {
  decide(label: string): Fault | null;
}

export interface Deployment {
  readonly api: Api;
  readonly deps: Readonly<Record<CloudFunction, Deps>>;
  /** The store without a relay. */
  readonly store: FirestoreStore;
  readonly commits: CommitLog;
  readonly provider: ProviderRecord;
  readonly lines: readonly Line[];
  /** Lets time pass for the functions and for the queue service. Nothing else notices it. */
  pass(ms: number): void;
  /** The queue service lets every call wait for so long before it does anything. */
  stall(ms: number): void;
  /** One call of Cloud Scheduler. @returns whether all jobs were run */
  tick(): Promise<boolean>;
  /** Calls that are still on their way, and work after answers. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Durations of Cloud Tasks’ own: a delivery of two minutes is given up after twelve seconds. */
const FACTOR = 10;
const SCHEDULE_LIMIT_MS = 180_000;

/** The three functions, with a relay at each of their connections to Firestore and Cloud Tasks, and before each of them. */
export const deploy = async ({ firestore, announce }: Emulator, lane: Lane, calls: Decides): Promise<Deployment> => {
  const project = firestore.project();
  const accounts = accountsIn(project);
  const { dataDir, keyring } = lane;
  const tasks = await startCloudTasks({ factor: FACTOR });
  const commits = new CommitLog();
  const provider = new ProviderRecord();
  const grpcRelays: GrpcRelay[] = [];
  const httpRelays: HttpRelay[] = [];
  const closing: (() => Promise<unknown>)[] = [];
  let ahead = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
  const { log, lines } = keptLog();

  const grpc = async (hop: string, target: string, service: typeof FIRESTORE): Promise<string> => {
    const relay = await startGrpcRelay(target, service, {
      heard: (method, request, answer) => {
        if (method === 'Commit') commits.add(request, answer);
      },
    });
    relay.trouble((method, _, request) => {
      const fault: Fault | null = calls.decide(`${hop}: ${describeCall(method, request)}`);
      return fault && OVER_GRPC[fault];
    });
    grpcRelays.push(relay);
    return relay.host;
  };
  const http = async (hop: string): Promise<HttpRelay> => {
    const relay = await startHttpRelay();
    relay.trouble((path) => {
      const fault: Fault | null = calls.decide(`${hop}: ${path}`);
      return fault && OVER_HTTP[fault];
    });
    httpRelays.push(relay);
    return relay;
  };

  const store = await openFirestoreStore({
    ...{ project, collections: COLLECTIONS, commits: markers, clock, ids: systemIds, log },
    emulatorHost: firestore.host,
  });
  closing.push(() => store.close());
  // Tasks and events come to one address, which is the audience of their tokens.
  const toWorker = await http('to the worker');
  const toScheduler = await http('to the scheduler');
  await makeQueues({
    ...{ host: tasks.host, port: tasks.port, project, prefix: QUEUE_PREFIX },
    capacity: { max_instances: 10, concurrency: 80 },
  });
  const opened = await Promise.all(
    CLOUD_FUNCTIONS.map(async (name) => {
      const settings = readCloudSettings(name, {
        ONMEMOS_PROJECT: project,
        ONMEMOS_LOCATION: LOCATION,
        ONMEMOS_QUEUE_PREFIX: QUEUE_PREFIX,
        ONMEMOS_WORKER_URL: toWorker.url,
        ONMEMOS_SCHEDULER_URL: toScheduler.url,
        ONMEMOS_TASKS_ACCOUNT: accounts.tasks,
        ONMEMOS_EVENTS_ACCOUNT: accounts.events,
        ONMEMOS_SCHEDULE_ACCOUNT: accounts.schedule,
        ONMEMOS_KEYRING_FILE: keyring,
        ONMEMOS_DATA_DIR: dataDir,
        ONMEMOS_DEFAULT_USER_TYPE: 'enterprise',
        // Time that a test lets pass must end no start.
        ONMEMOS_START_TIMEOUT_SECONDS: '3600',
        ONMEMOS_TASKS_ENDPOINT: await grpc(`${name} to the queue`, `${tasks.host}:${tasks.port}`, CLOUD_TASKS),
        ONMEMOS_TOKEN_KEYS: tasks.certs_url,
        ONMEMOS_PUBLIC_URL: 'http://127.0.0.1:1',
        FIRESTORE_EMULATOR_HOST: await grpc(`${name} to the store`, firestore.host, FIRESTORE),
      });
      const machine = await openGoogleCloud({ settings, prices: readPrices(settings), clock, ids: systemIds, log });
      closing.push(() => machine.close());
      if (machine.compute === null) throw new Error('there is no keeper');
      const compute = provider.watch(machine.compute);
      const deps: Deps = {
        ...machine.deps,
        computes: computesOf([{ compute, names: LOCAL_NAMES }]),
        // Google’s buckets are not of this test.
        storages: storagesOf(machine.deps.storages.all.filter(({ provider: name }) => name === 'local')),
      };
      return [name, { machine, deps, settings }] as const;
    }),
  );
  const all = Object.fromEntries(opened) as Readonly<Record<CloudFunction, (typeof opened)[number][1]>>;
  const worker = await serveFunction(
    createWorkerApp({ deps: all.worker.deps, callers: await all.worker.machine.callers(['tasks', 'events']), log }),
  );
  closing.push(worker.close);
  toWorker.to(worker.url);
  const scheduler = await serveFunction(
    createSchedulerApp({ deps: all.scheduler.deps, callers: await all.scheduler.machine.callers(['schedule']), log }),
  );
  closing.push(scheduler.close);
  toScheduler.to(scheduler.url);

  let closed = false;
  announce(project, {
    worker: toWorker.url,
    token: async () => tasks.tokens.issue(accounts.events, toWorker.url),
    tell: () => undefined,
    goesOn: () => !closed,
  });
  await registerTrigger(firestore.host, project);
  const api = createApp({
    deps: all.api.deps,
    log: createLogger({ level: 'silent' }),
    clock,
    settings: apiSettings('0.0.0-test', all.api.settings),
    ready: async () => ({ store: 'ok' }),
    metrics: createMetrics(new Registry()),
  });

  return {
    ...{ api, store, commits, provider, lines },
    deps: { api: all.api.deps, worker: all.worker.deps, scheduler: all.scheduler.deps },
    pass: (ms) => {
      ahead += ms;
      tasks.clock.advance(ms);
    },
    stall: (ms) => tasks.setFaults({ stall_ms: ms }),
    tick: async () => {
      const authorization = `Bearer ${tasks.tokens.issue(accounts.schedule, toScheduler.url)}`;
      const signal = AbortSignal.timeout(SCHEDULE_LIMIT_MS);
      const answer = await fetch(`${toScheduler.url}/tick`, {
        method: 'POST',
        headers: { authorization },
        signal,
      }).catch(() => null);
      if (!answer?.ok) return false;
      return !((await answer.json()) as { busy: boolean }).busy;
    },
    settle: async () => {
      const busy = () => [...grpcRelays, ...httpRelays].some((relay) => relay.underway() > 0);
      for (let quiet = 0; quiet < 3; quiet++) {
        if (busy()) quiet = 0;
        await Promise.all(opened.map(([, { deps }]) => deps.background.drain(SCHEDULE_LIMIT_MS)));
        await systemClock.sleep(10);
      }
    },
    close: async () => {
      closed = true;
      await tasks.stop();
      for (const close of closing.reverse()) await close();
      await Promise.all([...grpcRelays, ...httpRelays].map((relay) => relay.stop()));
    },
  };
};
