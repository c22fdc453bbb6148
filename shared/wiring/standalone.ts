import { isLoopback } from '#platform/loopback.ts';
import { join } from 'node:path';
import { RETRIES } from '#contract/tasks.ts';
import { IMAGES } from '#domain/images.ts';
import { planLocal } from '#domain/plans.ts';
import type { PriceTable } from '#domain/prices.ts';
import { type LocalCompute, localCompute } from '#drivers/compute/local/local-compute.ts';
import { checkedPost } from '#drivers/outbound/checked-post.ts';
import { type EmbeddedQueue, openEmbeddedQueue } from '#drivers/queue/embedded/open.ts';
import { createMemoryHub, memoryRelay } from '#drivers/relay/memory/memory.ts';
import { openKeyring } from '#drivers/secrets/keyring.ts';
import { openSqliteStore } from '#drivers/store/sqlite/open.ts';
import type { SqliteStore } from '#drivers/store/sqlite/sqlite-store.ts';
import { createBackground } from '#platform/background.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import { rollupsSince } from '#services/billing/rollups-since.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import type { Deps, Settings } from '#services/kernel/deps.ts';
import { computesOf, LOCAL_NAMES, localStorages, storagesOf } from './providers.ts';
import type { StandaloneSettings } from './settings.ts';
import { DOCUMENTS } from './documents.ts';
import { VERSION } from './version.ts';

export interface Standalone {
  readonly deps: Deps;
  readonly store: SqliteStore;
  readonly queue: EmbeddedQueue;
  readonly compute: LocalCompute;
  /** Closes all drivers in order. Sessions keep running in their keeper. */
  close(): Promise<void>;
}

export interface StandaloneOptions {
  readonly settings: StandaloneSettings;
  readonly prices: PriceTable;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** The program and arguments that run a keeper. */
  readonly keeperCommand: readonly string[];
  /** The address at which clients reach the API; known once the server listens. */
  readonly publicUrl: () => string;
}

/** How long background work may run at the end, before the drivers that it needs are closed. */
const DRAIN_MS = 5_000;

export const serviceSettings = (
  settings: StandaloneSettings,
  prices: PriceTable,
  publicUrl: () => string,
): Settings => ({
  version: VERSION,
  mode: 'standalone',
  region: settings.ONMEMOS_REGION,
  prices,
  deployment: 'local',
  default_user_type: settings.ONMEMOS_DEFAULT_USER_TYPE,
  longest_life_minutes: settings.ONMEMOS_LONGEST_LIFE_MINUTES,
  shadow_provider: settings.ONMEMOS_SHADOW_PROVIDER ?? null,
  retention_days: settings.ONMEMOS_RETENTION_DAYS,
  history_days: 90,
  sweep_after_ms: 15_000,
  start_timeout_ms: settings.ONMEMOS_START_TIMEOUT_SECONDS * 1000,
  meter_period_ms: settings.ONMEMOS_METER_PERIOD_SECONDS * 1000,
  terminate_period_ms: 60_000,
  get public_url() {
    return publicUrl();
  },
});

type NetworkSettings = Pick<StandaloneSettings, 'ONMEMOS_HOST' | 'ONMEMOS_NETWORK_PRIVATE' | 'ONMEMOS_NETWORK_ALLOW'>;

/** Whether sessions reach private networks. */
const privateNetworks = (settings: NetworkSettings): 'open' | 'closed' =>
  settings.ONMEMOS_NETWORK_PRIVATE ?? (isLoopback(settings.ONMEMOS_HOST) ? 'open' : 'closed');

/** What an operator is told of settings that do nothing. */
export const idleSettings = (settings: NetworkSettings): readonly string[] =>
  settings.ONMEMOS_NETWORK_ALLOW.trim() !== '' && privateNetworks(settings) === 'open'
    ? [
        'ONMEMOS_NETWORK_ALLOW has no effect: private networks are open to sessions. ' +
          'ONMEMOS_NETWORK_PRIVATE=closed closes all but those.',
      ]
    : [];

/** All drivers of one machine: a folder with SQLite, tasks, keys and volumes, and the keeper's sandboxes. */
export const openStandalone = async (options: StandaloneOptions): Promise<Standalone> => {
  const { settings, prices, clock, ids, log, keeperCommand, publicUrl } = options;
  const dataDir = settings.ONMEMOS_DATA_DIR;
  const store = await openSqliteStore({
    path: join(dataDir, 'store.db'),
    ...DOCUMENTS,
    clock,
    fraction: ids.fraction,
  });
  try {
    const queue = openEmbeddedQueue({ store, clock, ids, log: log.child({ part: 'queue' }), catalogue: RETRIES });
    const secrets = await openKeyring({ path: join(dataDir, 'keyring.json'), createIfMissing: true, ids });
    const { storages, folders } = localStorages(dataDir, log);
    const compute = await localCompute({
      dataDir,
      clock,
      log: log.child({ part: 'compute' }),
      keeperCommand,
      isolation: settings.ONMEMOS_ISOLATION,
      network: settings.ONMEMOS_NETWORK,
      networkPrivate: privateNetworks(settings),
      networkAllow: settings.ONMEMOS_NETWORK_ALLOW,
      pool: settings.ONMEMOS_POOL_SIZE,
      holdSeconds: settings.ONMEMOS_HOLD_SECONDS,
      strictResources: settings.ONMEMOS_STRICT_RESOURCES,
      folders,
      planner: planLocal,
      images: IMAGES,
    });
    const background = createBackground({ clock, log: log.child({ part: 'background' }) });
    const relay = memoryRelay({ hub: createMemoryHub(), clock });
    const deps: Deps = {
      store,
      queue,
      computes: computesOf([{ compute, names: LOCAL_NAMES }]),
      storages: storagesOf(storages),
      secrets,
      background,
      relay,
      outbound: checkedPost({ clock, allowed: settings.ONMEMOS_WEBHOOK_ALLOW }),
      clock,
      ids,
      log: log.child({ part: 'services' }),
      settings: serviceSettings(settings, prices, publicUrl),
      lanes: createLanes(store),
      rollups_since: await rollupsSince({ store, clock }),
    };
    return {
      deps,
      store,
      queue,
      compute,
      close: async () => {
        await queue.stop();
        // Runs while sessions and the store can still be reached.
        const left = await background.drain(DRAIN_MS);
        if (left.length > 0) log.warn({ left }, 'background work did not end in time and is abandoned');
        await relay.close();
        await compute.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
};
