// Writes a month of work into a data folder with another commit's own code: its store, queue, services, jobs and API,
// under a simulated clock and over a provider that is played here. `make.ts` runs it. It is JavaScript because the types
// of that commit are not those of this one.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** How often the jobs run while no session lives: as on a laptop that sleeps most of the time. */
const IDLE = 4 * HOUR;

/** Time that passes when it is told to, and every timer in its order. */
const simulatedClock = (start) => {
  let now = start;
  const timers = new Set();
  const timer = (ms, run) => {
    const entry = { at: Math.ceil(now + ms), run };
    timers.add(entry);
    return { cancel: () => timers.delete(entry) };
  };
  return {
    clock: {
      now: () => now,
      monotonic: () => now - start,
      timer,
      sleep: (ms) => new Promise((done) => timer(ms, done)),
    },
    /** The next timer up to `end` is run; without one it is `end`. */
    step: (end) => {
      const next = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      now = next ? Math.max(now, next.at) : end;
      if (next) {
        timers.delete(next);
        next.run();
      }
      return next !== undefined;
    },
  };
};

/** The provider: what runs, since when, and what it has on record. `dies` says after how long one dies unnoticed. */
const playedCompute = (clock, planOn, seen) => {
  const observed = (key) => {
    const body = seen.get(key);
    const now = clock.now();
    const absent = { state: 'absent', started_at: null, ended_at: null, seen_at: now, reason: null, message: null };
    if (!body) return absent;
    // A dead one is shown running for some minutes more; its record then says when it really ended.
    if (body.dies_at !== null && body.ended_at === null && now > body.dies_at + 12 * MINUTE)
      body.ended_at = body.dies_at;
    const { started_at, ended_at } = body;
    const reason = body.dies_at !== null && ended_at !== null ? 'memory_limit' : null;
    return {
      state: ended_at === null ? 'running' : 'ended',
      started_at,
      ended_at,
      seen_at: now,
      reason,
      message: null,
    };
  };
  return {
    driver: 'local',
    capabilities: { images: false, gpu: false, max_life_minutes: null, storage_kind: 'local', isolation: 'played' },
    plan: (spec) => planOn('local', spec),
    ensure: async (key) => {
      if (!seen.has(key)) seen.set(key, { started_at: clock.now() + 137, ended_at: null, dies_at: null });
      return observed(key);
    },
    observe: async (key) => observed(key),
    exec: async () => ({ deadline: async () => {}, list: async () => [], close: () => {} }),
    usage: async () => ({ cpu_percent: null, memory_mb: null, memory_limit_mb: null, disk_mb: null, processes: null }),
    remove: async (key) => {
      const body = seen.get(key);
      if (body && body.ended_at === null) body.ended_at = Math.min(body.dies_at ?? Infinity, clock.now() + 1_423);
      return observed(key);
    },
    list: async () => [],
  };
};

/**
 * A deployment of the checkout over the folder, whose jobs run when time passes.
 * @param options.checkout the folder of that commit
 */
export const simulation = async ({ checkout, dataDir, start }) => {
  const from = (path) => import(pathToFileURL(join(checkout, path)).href);
  const { openSqliteStore } = await from('shared/drivers/store/sqlite/open.ts');
  const { openEmbeddedQueue } = await from('shared/drivers/queue/embedded/open.ts');
  const { openKeyring } = await from('shared/drivers/secrets/keyring.ts');
  const { directoryBuckets } = await from('shared/drivers/buckets/directory.ts');
  const { COLLECTIONS } = await from('shared/services/model/collections.ts');
  const { createCoalescer } = await from('shared/services/kernel/coalesce.ts');
  const { onlyOn, SCHEMA_VERSION, serviceSettings } = await from('shared/wiring/standalone.ts');
  const { readSettings } = await from('shared/wiring/settings.ts');
  const { createIds } = await from('shared/platform/ids.ts');
  const { createLogger } = await from('shared/platform/logger.ts');
  const { planOn } = await from('shared/domain/plans.ts');
  const { TASKS } = await from('shared/contract/tasks.ts');
  const { JOBS, runJob } = await from('functions/scheduler/jobs.ts');
  const { createDispatcher } = await from('functions/worker/dispatch.ts');
  const { ensureAdminKey } = await from('functions/standalone/admin-key.ts');
  const { apiOver } = await from('test/api/support/world.ts');
  const { clientOf } = await from('test/api/support/client.ts');

  const { clock, step } = simulatedClock(start);
  // Without chance in its pauses: the same month comes to the same sums.
  const ids = { ...createIds(() => clock.now()), fraction: () => 0.5 };
  const log = createLogger({ level: 'warn' });
  const bodies = new Map();
  const opened = async (env) => {
    const settings = readSettings({ ONMEMOS_DATA_DIR: dataDir, ONMEMOS_METER_PERIOD_SECONDS: '300', ...env });
    const path = join(dataDir, 'store.db');
    const known = { collections: COLLECTIONS, schemaVersion: SCHEMA_VERSION };
    const store = await openSqliteStore({ path, clock, fraction: ids.fraction, ...known });
    const catalogue = Object.fromEntries(Object.entries(TASKS).map(([name, task]) => [name, task.retry]));
    const queue = openEmbeddedQueue({ store, clock, ids, log, catalogue });
    const deps = {
      store,
      queue,
      computes: onlyOn(playedCompute(clock, planOn, bodies)),
      volumes: directoryBuckets({ root: join(dataDir, 'volumes'), kind: 'local', log }),
      buckets: directoryBuckets({ root: join(dataDir, 'buckets'), kind: 'local', log }),
      secrets: await openKeyring({ path: join(dataDir, 'keyring.json'), createIfMissing: true, ids }),
      clock,
      ids,
      log,
      settings: serviceSettings(settings, () => 'http://127.0.0.1:8080'),
      creates: createCoalescer(),
    };
    const { key } = await ensureAdminKey(deps, dataDir);
    await queue.start(createDispatcher(deps));
    const call = clientOf(apiOver({ deps, close: async () => {} }), key);
    return { deps, queue, store, call };
  };
  let machine = await opened({ ONMEMOS_SHADOW_PROVIDER: 'gke' });

  /** Everything that can go on without time passing does: what waits for the disk is seen, what waits for time is not. */
  const settled = async () => {
    for (let calm = 0; calm < 5; calm++) {
      await new Promise((done) => setImmediate(done));
      if (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))) calm = 0;
    }
  };
  /** What a promise comes to. What it waits for may need time. */
  const during = async (promise) => {
    let over = false;
    const mark = () => {
      over = true;
    };
    promise.then(mark, mark);
    for (await settled(); !over; await settled()) step(clock.now() + 50);
    return promise;
  };
  const passTo = async (end) => {
    do await settled();
    while (step(end));
  };
  return {
    now: () => clock.now(),
    /** Time passes to `end`; all jobs run at each `every` of it. */
    pass: async (end, every) => {
      while (clock.now() < end) {
        await passTo(Math.min(end, clock.now() + every));
        for (const job of JOBS) await during(runJob(machine.deps, job));
        await settled();
      }
    },
    ask: async (path, method, body, more = {}) => {
      const answer = await during(machine.call(path, { method, ...(body === undefined ? {} : { body }), ...more }));
      if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      await passTo(clock.now() + 1_000);
      return answer.json;
    },
    /** The resource of a session dies at an instant, and its provider notices it later. */
    dies: async (id, at) => {
      const [, body] = [...bodies].find(([key]) => key.includes(id.replace(/^ses-/, ''))) ?? [];
      if (!body) throw new Error(`nothing runs for ${id}`);
      body.dies_at = at;
    },
    reopen: async (env) => {
      await machine.queue.stop();
      await machine.store.close();
      machine = await opened(env);
    },
    close: async () => {
      await machine.queue.stop();
      await machine.store.close();
      await rm(join(dataDir, 'store.db.lock'), { force: true });
    },
  };
};

const USERS = {
  ann: { user_type: 'enterprise', monthly_budget_usd: 400, budget_action: 'refuse' },
  bob: { user_type: 'pro', monthly_budget_usd: 0.35, budget_action: 'terminate' },
  cyn: { user_type: 'free' },
  dee: { user_type: 'pro' },
  fay: { user_type: 'enterprise', max_concurrent_sessions: 7 },
};
const WORKSPACES = [
  ['ann', 'lab', 'compute_medium'],
  ['ann', 'den', 'dev_small'],
  ['bob', 'attic', 'dev_medium'],
  ['fay', 'gpu', 'ml_t4_small'],
];
/** On which day, at what hour (UTC), who, where, for how many minutes, and what else is asked for. */
const SESSIONS = [
  [0, 9.1, 'ann', 'ann/lab', 95, { request_persistent_storage: true, persistent_storage_size_gb: 100 }],
  [0, 9.5, 'dee', 'ann/lab', 40, {}],
  [1, 10, 'cyn', null, 55, {}],
  [2, 8, 'bob', 'bob/attic', 60, { request_bucket: true, bucket_size_gb: 20 }],
  [3, 13.2, 'fay', 'fay/gpu', 70, { provider: 'gke' }],
  // Over the end of the month.
  [5, 23.2, 'ann', 'ann/lab', 110, { resource_package: 'compute_large' }],
  [5, 23.6, 'dee', 'ann/lab', 50, {}],
  [6, 15, 'ann', 'ann/den', 30, { request_persistent_storage: true, persistent_storage_size_gb: 10 }],
  [8, 9, 'ann', 'ann/lab', 200, {}],
  [9, 11, 'bob', 'bob/attic', 45, {}],
  [12, 7.7, 'dee', null, 61, {}],
  [14, 9, 'ann', 'ann/lab', 33, {}],
  [15, 16, 'cyn', null, 20, {}],
  [16, 10, 'fay', 'fay/gpu', 25, { resource_package: 'dev_small' }],
  [20, 9.3, 'ann', 'ann/lab', 120, {}],
  [21, 9, 'bob', 'bob/attic', 300, {}],
  [26, 14, 'fay', null, 90, { resource_spec: { cpu_size: 'large', memory_size: 'xlarge' } }],
  [29, 10, 'ann', 'ann/den', 64, {}],
  [30, 9.9, 'dee', 'ann/lab', 48, {}],
];
/** From that day on sessions are priced as if they ran there. */
const PRICED_AS = [
  [13, 'cloud_run'],
  [18, 'gke'],
];
/** Of these the resource dies after so many minutes, which shows only later: what was billed too much is given back. */
const DEATHS = new Map([
  [5, 47.3],
  [8, 101.9],
  [16, 12.4],
]);
/** These run out; all others are ended when their minutes have passed. */
const RUN_OUT = new Set([2, 10, 17]);
/** Of these the end is moved while they run. */
const EXTENDED = new Map([[14, 240]]);

/** Plays the month. @returns the keys that were made */
export const playMonth = async ({ checkout, dataDir, start, end }) => {
  const world = await simulation({ checkout, dataDir, start });
  const { ask, pass } = world;
  const keys = {};
  for (const [user, body] of Object.entries(USERS)) {
    await ask(`/v1/users/${user}`, 'PUT', body);
    keys[user] = (await ask('/v1/keys', 'POST', { name: `${user}’s laptop`, user_id: user })).secret;
  }
  for (const [user_id, workspace_id, resource_package] of WORKSPACES)
    await ask('/v1/workspaces', 'POST', {
      user_id,
      workspace_id,
      name: `${user_id}’s ${workspace_id}`,
      resource_package,
    });
  await ask('/v1/workspaces/ann/lab/members/dee', 'PUT', { role: 'editor' });
  await ask('/v1/workspaces/ann/lab/members/cyn', 'PUT', { role: 'viewer' });

  const midnight = start - (start % DAY);
  const priced = [...PRICED_AS];
  const lived = [];
  for (const [number, [day, hour, user, place, minutes, more]] of SESSIONS.entries()) {
    for (; priced[0]?.[0] <= day; priced.shift()) {
      await pass(midnight + priced[0][0] * DAY, IDLE);
      await world.reopen({ ONMEMOS_SHADOW_PROVIDER: priced[0][1] });
    }
    const at = Math.round(midnight + day * DAY + hour * HOUR);
    await pass(at, IDLE);
    const [workspace_owner, workspace_id] = place?.split('/') ?? [];
    const ttl_minutes = RUN_OUT.has(number) ? minutes : minutes + 30;
    const body = { namespace: 'work', user, ttl_minutes, ...(place ? { workspace_owner, workspace_id } : {}), ...more };
    const headers = { 'Idempotency-Key': `month-${number}` };
    const { id } = await ask('/v1/sessions', 'POST', body, { key: keys[user], headers });
    lived.push(id);
    if (DEATHS.has(number)) await world.dies(id, world.now() + Math.round(DEATHS.get(number) * MINUTE));
    if (EXTENDED.has(number)) await ask(`/v1/sessions/${id}`, 'PATCH', { ttl_minutes: EXTENDED.get(number) });
    const stop = at + Math.round(minutes * MINUTE);
    // The next one may begin before this one ends.
    const next = SESSIONS[number + 1];
    const overlaps = next && next[0] === day && next[1] * HOUR < hour * HOUR + minutes * MINUTE;
    if (overlaps) continue;
    await pass(stop + (RUN_OUT.has(number) ? 2 * MINUTE : 0), 5 * MINUTE);
    for (const old of lived.splice(0)) await ask(`/v1/sessions/${old}?wait=0`, 'DELETE');
    await pass(world.now() + 5 * MINUTE, MINUTE);
  }
  await pass(end, IDLE);
  await world.close();
  return keys;
};

const [checkout, dataDir, start, end] = process.argv.slice(2);
const keys = await playMonth({ checkout, dataDir, start: Number(start), end: Number(end) });
await writeFile(join(dataDir, 'month-keys.json'), JSON.stringify(keys));
