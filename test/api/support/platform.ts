import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASKS } from '#contract/tasks.ts';
import { IMAGES } from '#domain/images.ts';
import { planLocal } from '#domain/plan-local.ts';
import { directoryBuckets } from '#drivers/buckets/directory.ts';
import { localCompute } from '#drivers/compute/local/local-compute.ts';
import { openEmbeddedQueue } from '#drivers/queue/embedded/open.ts';
import { openKeyring } from '#drivers/secrets/keyring.ts';
import { openSqliteStore } from '#drivers/store/sqlite/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import { createCoalescer } from '#services/kernel/coalesce.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { COLLECTIONS } from '#services/model/collections.ts';
import { convergeSession } from '#services/sessions/converge.ts';

const KEEPER = [process.execPath, join(import.meta.dirname, '../../../functions/keeper/main.ts')];

export interface Platform {
  readonly deps: Deps;
  close(): Promise<void>;
}

/** Everything under the API for real: SQLite, the queue that works off its tasks, and sandboxes of a keeper. */
export const openPlatform = async (): Promise<Platform> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-api-'));
  const log = createLogger({ level: 'silent' });
  const [clock, ids] = [systemClock, systemIds];
  const store = await openSqliteStore({
    path: join(dataDir, 'store.db'),
    collections: COLLECTIONS,
    clock,
    schemaVersion: 1,
  });
  const catalogue = Object.fromEntries(Object.entries(TASKS).map(([name, { retry }]) => [name, retry]));
  const queue = openEmbeddedQueue({ store, clock, ids, log, catalogue });
  const compute = await localCompute({
    dataDir,
    clock,
    log,
    keeperCommand: KEEPER,
    planner: planLocal,
    images: IMAGES,
  });
  const deps: Deps = {
    store,
    queue,
    computes: { all: [compute], serving: () => [compute], byDriver: () => compute, whyOff: () => null },
    volumes: directoryBuckets({ root: join(dataDir, 'volumes'), kind: 'local', log }),
    buckets: directoryBuckets({ root: join(dataDir, 'buckets'), kind: 'local', log }),
    secrets: await openKeyring({ path: join(dataDir, 'keyring'), createIfMissing: true, ids }),
    clock,
    ids,
    log,
    settings: {
      version: '0.0.0-test',
      mode: 'standalone',
      region: 'local',
      deployment: 'test',
      default_user_type: 'enterprise',
      longest_life_minutes: 1440,
      shadow_provider: null,
      retention_days: 7,
      history_days: 90,
      start_timeout_ms: 60_000,
      meter_period_ms: 60_000,
      public_url: 'http://127.0.0.1:8080',
    },
    creates: createCoalescer(),
  };
  await queue.start(async ({ task, payload }) => {
    if (task === 'session.converge') await convergeSession(deps, TASKS['session.converge'].payload.parse(payload));
  });
  return {
    deps,
    close: async () => {
      await compute.keeper.shutdown({ end_sessions: true, grace_ms: 0 });
      await compute.close();
      await queue.stop();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
