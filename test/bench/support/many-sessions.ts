import { noOutbound } from '../../support/no-outbound.ts';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RETRIES } from '#contract/tasks.ts';
import { planLocal } from '#domain/plan-local.ts';
import { openEmbeddedQueue } from '#drivers/queue/embedded/open.ts';
import { createMemoryHub, memoryRelay } from '#drivers/relay/memory/memory.ts';
import { openKeyring } from '#drivers/secrets/keyring.ts';
import { openSqliteStore } from '#drivers/store/sqlite/open.ts';
import { tableOf } from '#drivers/store/sqlite/names.ts';
import { directoryStorage } from '#drivers/storage/directory.ts';
import { createBackground } from '#platform/background.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import type { Compute } from '#ports/compute.ts';
import type { Logger } from '#ports/logger.ts';
import { rollupsSince } from '#services/billing/rollups-since.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { systemCall } from '#services/kernel/call.ts';
import { sessions } from '#services/model/collections.ts';
import type { SessionDoc } from '#services/model/docs.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { priceTable } from '#domain/prices.ts';
import { readSettings } from '#wiring/settings.ts';
import { computesOf, storagesOf } from '#wiring/providers.ts';
import { LOCAL_NAMES } from '#wiring/providers.ts';
import { serviceSettings } from '#wiring/standalone.ts';
import { DOCUMENTS } from '#wiring/documents.ts';
import { type CountingStore, countingStore } from '../../support/counting-store.ts';

export interface Seeded {
  readonly deps: Deps;
  readonly counter: CountingStore;
  /** Adds sessions that run and whose time is over. */
  addExpired(count: number): Promise<void>;
  close(): Promise<void>;
}

/** One session in so many is live; the others have ended. */
const LIVE_ONE_IN = 10;
const BATCH = 10_000;
const DAY_MS = 86_400_000;

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };

const never = (): never => {
  throw new Error('nothing is provisioned here');
};

/** Plans as the local driver does and provisions nothing. */
const plansOnly: Compute = {
  driver: 'local',
  capabilities: {
    images: false,
    gpu: false,
    volume_kind: 'local',
    bucket_kind: 'local',
    volume_access: 'many',
    remembers_ended: true,
    announces_reclaim: false,
    isolation: 'full',
  },
  plan: (spec) => planLocal(spec, { cpu_millis: 2000, memory_mb: 24_000, gpu_types: [] }, false),
  ensure: never,
  observe: never,
  exec: never,
  remove: never,
  forget: never,
  list: async () => [],
};

const openDeps = async (dir: string): Promise<{ deps: Deps; settle(): void; close(): Promise<void> }> => {
  const [clock, ids] = [systemClock, systemIds];
  const store = await openSqliteStore({
    path: join(dir, 'store.db'),
    ...DOCUMENTS,
    clock,
  });
  const queue = openEmbeddedQueue({ store, clock, ids, log: silent, catalogue: RETRIES });
  const directory = (kind: 'volume' | 'bucket') => directoryStorage({ root: join(dir, `${kind}s`), kind, log: silent });
  const deps: Deps = {
    store,
    queue,
    computes: computesOf([{ compute: plansOnly, names: LOCAL_NAMES }]),
    storages: storagesOf([directory('volume'), directory('bucket')]),
    secrets: await openKeyring({ path: join(dir, 'keyring.json'), createIfMissing: true, ids }),
    background: createBackground({ clock, log: silent }),
    outbound: noOutbound,
    relay: memoryRelay({ hub: createMemoryHub(), clock }),
    clock,
    ids,
    log: silent,
    settings: serviceSettings(readSettings({ ONMEMOS_DATA_DIR: dir }), priceTable(), () => 'http://127.0.0.1'),
    lanes: createLanes(store),
    rollups_since: await rollupsSince({ store, clock }),
  };
  return {
    deps,
    // What was written past the services goes to its place and to the disk, so that no later commit waits for it.
    settle: () => store.sql.database.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    close: async () => {
      await queue.stop();
      await deps.background.drain(1_000);
      await store.close();
    },
  };
};

/** A session as the services make it, which runs. */
const example = async (deps: Deps): Promise<SessionDoc> => {
  const { id } = await createSession(deps, systemCall('bench'), { user: 'bench', ttl_minutes: 60 });
  const doc = await deps.store.get(sessions, id);
  if (!doc) throw new Error('the session that was made is not there');
  const started = doc.data.created_at;
  return {
    ...doc.data,
    status: 'running',
    started_at: started,
    metered_until: started,
    meter_due: doc.data.expires_at,
  };
};

/** A store of so many sessions, written past the services in large transactions. */
export const openSeeded = async (dir: string, count: number): Promise<Seeded> => {
  const first = await openDeps(dir);
  const live = await example(first.deps);
  await first.close();
  seed(join(dir, 'store.db'), live, count);
  const { deps, settle, close } = await openDeps(dir);
  settle();
  const counter = countingStore(deps.store);
  return {
    deps: { ...deps, store: counter.store },
    counter,
    addExpired: async (expired) => {
      const over = new Date(Date.now() - 1000).toISOString();
      await deps.store.transaction(async (tx) => {
        for (let i = 0; i < expired; i++) {
          const id = deps.ids.next('ses');
          tx.create(sessions, id, { ...live, id, key: `oms-${id}`, expires_at: over, live_until: over });
        }
      });
    },
    close,
  };
};

/** The indexes are left to the store, which builds at its next opening those that it does not find. */
const seed = (path: string, live: SessionDoc, count: number): void => {
  const database = new DatabaseSync(path);
  const table = tableOf(sessions.name);
  database.exec('PRAGMA synchronous = OFF');
  const indexes = database.prepare("SELECT name FROM sqlite_master WHERE tbl_name = ? AND name LIKE 'ix$%'").all(table);
  for (const { name } of indexes) database.exec(`DROP INDEX "${String(name)}"`);
  const insert = database.prepare(`INSERT INTO "${table}" (id, version, body) VALUES (?, 1, ?)`);
  const mark = '{id}';
  const [running, ended] = [live, over(live)].map((doc) =>
    JSON.stringify({ ...doc, id: mark, key: `oms-${mark}` }).split(mark),
  );
  for (let done = 0; done < count; done += BATCH) {
    database.exec('BEGIN');
    for (let i = done; i < Math.min(done + BATCH, count); i++) {
      const id = `ses-0${String(i).padStart(25, '0')}`;
      insert.run(id, ((i % LIVE_ONE_IN === 0 ? running : ended) ?? []).join(id));
    }
    database.exec('COMMIT');
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
};

const over = (live: SessionDoc): SessionDoc => ({
  ...live,
  status: 'terminated',
  status_reason: 'expired',
  ended_at: live.expires_at,
  live: null,
  recent: null,
  live_until: null,
  meter_due: null,
  purge_at: new Date(Date.parse(live.expires_at) + 90 * DAY_MS).toISOString(),
});
