import { RETRIES } from '#contract/tasks.ts';
import { IMAGES } from '#domain/images.ts';
import { planLocal } from '#domain/plans.ts';
import type { PriceTable } from '#domain/prices.ts';
import { googleCallers } from '#drivers/callers/google.ts';
import { type LocalCompute, localCompute } from '#drivers/compute/local/local-compute.ts';
import { checkedPost } from '#drivers/outbound/checked-post.ts';
import { openCloudTasksQueue } from '#drivers/queue/cloud-tasks/open.ts';
import { createMemoryHub, memoryRelay } from '#drivers/relay/memory/memory.ts';
import { openKeyring } from '#drivers/secrets/keyring.ts';
import { gcsStorage } from '#drivers/storage/gcs/open.ts';
import { openFirestoreStore } from '#drivers/store/firestore/open.ts';
import { createBackground } from '#platform/background.ts';
import type { CallerRole, Callers } from '#ports/callers.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import { rollupsSince } from '#services/billing/rollups-since.ts';
import type { Deps, Settings } from '#services/kernel/deps.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import { COLLECTIONS, commits } from '#services/model/collections.ts';
import type { CloudSettings } from './google-cloud-settings.ts';
import { computesOf, LOCAL_NAMES, localStorages, storagesOf } from './providers.ts';
import { VERSION } from './version.ts';

export interface CloudMachine {
  readonly deps: Deps;
  /** The keeper of this machine; null where none is set up. */
  readonly compute: LocalCompute | null;
  /** Who calls this function, in these roles. @throws TypeError where an account is not set */
  callers(roles: readonly CallerRole[]): Promise<Callers>;
  /** Closes all drivers. */
  close(): Promise<void>;
}

export interface CloudOptions {
  readonly settings: CloudSettings;
  readonly prices: PriceTable;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

const MINUTE_MS = 60_000;

/** What the services are set to in a function. */
export const cloudServiceSettings = (settings: CloudSettings, prices: PriceTable): Settings => ({
  version: VERSION,
  mode: 'google-cloud',
  region: settings.ONMEMOS_REGION,
  prices,
  deployment: settings.ONMEMOS_DEPLOYMENT,
  default_user_type: settings.ONMEMOS_DEFAULT_USER_TYPE,
  longest_life_minutes: settings.ONMEMOS_LONGEST_LIFE_MINUTES,
  shadow_provider: settings.ONMEMOS_SHADOW_PROVIDER ?? null,
  retention_days: settings.ONMEMOS_RETENTION_DAYS,
  history_days: 90,
  // The trigger covers the first minute.
  sweep_after_ms: MINUTE_MS,
  start_timeout_ms: settings.ONMEMOS_START_TIMEOUT_SECONDS * 1000,
  meter_period_ms: 10 * MINUTE_MS,
  terminate_period_ms: MINUTE_MS,
  // Worker and scheduler make no address.
  public_url: settings.ONMEMOS_PUBLIC_URL ?? '',
});

/** The local driver, on a keeper that runs already and that this process never starts. */
const keeperOf = async (dataDir: string, { settings, clock, log }: CloudOptions) => {
  const { storages, folders } = localStorages(dataDir, log);
  const compute = await localCompute({
    dataDir,
    clock,
    log: log.child({ part: 'compute' }),
    keeperCommand: null,
    strictResources: settings.ONMEMOS_STRICT_RESOURCES,
    folders,
    planner: planLocal,
    images: IMAGES,
  });
  return { compute, storages };
};

const callersFor = ({ settings, clock, log }: CloudOptions, roles: readonly CallerRole[]): Promise<Callers> => {
  const emails: Readonly<Record<CallerRole, string | undefined>> = {
    tasks: settings.ONMEMOS_TASKS_ACCOUNT,
    events: settings.ONMEMOS_EVENTS_ACCOUNT,
    schedule: settings.ONMEMOS_SCHEDULE_ACCOUNT,
  };
  const { ONMEMOS_TOKEN_KEYS: certsUrl } = settings;
  const audience = roles.includes('schedule') ? settings.ONMEMOS_SCHEDULER_URL : settings.ONMEMOS_WORKER_URL;
  return googleCallers({
    audience: audience ?? '',
    accounts: roles.map((role) => ({ role, email: emails[role] ?? '' })),
    ...(certsUrl === undefined ? {} : { certsUrl }),
    clock,
    log: log.child({ part: 'callers' }),
  });
};

/** All drivers of a function of Google Cloud. @throws Error where one of them can't be opened */
export const openGoogleCloud = async (options: CloudOptions): Promise<CloudMachine> => {
  const { settings, prices, clock, ids, log } = options;
  const { ONMEMOS_PROJECT: project, ONMEMOS_DATA_DIR: dataDir } = settings;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closers.reverse()) await each();
  };
  try {
    const secrets = await openKeyring({ path: settings.ONMEMOS_KEYRING_FILE, createIfMissing: false, ids });
    const store = await openFirestoreStore({
      project,
      database: settings.ONMEMOS_DATABASE,
      collections: COLLECTIONS,
      commits,
      clock,
      ids,
      log: log.child({ part: 'store' }),
      emulatorHost: settings.FIRESTORE_EMULATOR_HOST,
    });
    closers.push(() => store.close());
    const keeper = dataDir === undefined ? null : await keeperOf(dataDir, options);
    if (keeper) closers.push(() => keeper.compute.close());
    const endpoint = settings.ONMEMOS_TASKS_ENDPOINT;
    const queue = await openCloudTasksQueue({
      project,
      location: settings.ONMEMOS_LOCATION,
      queuePrefix: settings.ONMEMOS_QUEUE_PREFIX,
      workerUrl: settings.ONMEMOS_WORKER_URL,
      audience: settings.ONMEMOS_WORKER_URL,
      serviceAccount: settings.ONMEMOS_TASKS_ACCOUNT,
      catalogue: RETRIES,
      clock,
      ids,
      log: log.child({ part: 'queue' }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    closers.push(() => queue.close());
    const relay = memoryRelay({ hub: createMemoryHub(), clock });
    closers.push(() => relay.close());
    const buckets = gcsStorage({
      project,
      deployment: settings.ONMEMOS_DEPLOYMENT,
      location: settings.ONMEMOS_BUCKET_LOCATION,
      clock,
      ids,
      ...(settings.STORAGE_EMULATOR_HOST === undefined ? {} : { apiEndpoint: settings.STORAGE_EMULATOR_HOST }),
    });
    const deps: Deps = {
      store,
      queue,
      computes: computesOf(keeper ? [{ compute: keeper.compute, names: LOCAL_NAMES }] : []),
      storages: storagesOf([...(keeper?.storages ?? []), buckets]),
      secrets,
      background: createBackground({ clock, log: log.child({ part: 'background' }) }),
      relay,
      outbound: checkedPost({ clock, allowed: settings.ONMEMOS_WEBHOOK_ALLOW }),
      clock,
      ids,
      log: log.child({ part: 'services' }),
      settings: cloudServiceSettings(settings, prices),
      lanes: createLanes(store),
      rollups_since: await rollupsSince({ store, clock }),
    };
    return { deps, compute: keeper?.compute ?? null, callers: (roles) => callersFor(options, roles), close };
  } catch (error) {
    await close();
    throw error;
  }
};
