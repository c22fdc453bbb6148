import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { iso } from '#ports/clock.ts';
import type { QueuedTask } from '#ports/queue.ts';
import type { Store } from '#ports/store.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import { execKey, execs, sessions } from '#services/model/collections.ts';
import { meterSessions } from '#services/sweeps/meter.ts';
import { prune } from '#services/sweeps/prune.ts';
import { reconcile } from '#services/sweeps/reconcile.ts';
import { type CountingStore, countingStore } from '../support/counting-store.ts';
import { type Client, clientOf } from './support/client.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { apiOver } from './support/world.ts';

/** List prices of Firestore, us-central1, USD for 100,000 documents; and of Cloud Tasks for a million. */
const PRICES = { reads: 0.03, writes: 0.09, deletes: 0.01 } as const;
const TASKS_PRICE = 0.4;
/** USD for a thousand lives, all their documents and tasks. */
const GOAL = 0.1;
const COMMANDS = 10;
const MINUTES = 30;
/** On Google Cloud: the meter’s period in minutes. */
const METERED = 10;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** One store behind all parts, so that nothing of a life is left out. */
let platform: Platform;
let counting: CountingStore;
let plain: Store;
let deps: Deps;
let call: Client;
let tasks = 0;

beforeAll(async () => {
  platform = await openPlatform((given) => {
    plain = given.store;
    counting = countingStore(plain);
    const enqueue = async (task: QueuedTask): Promise<boolean> => {
      tasks += 1;
      return given.queue.enqueue(task);
    };
    const settings = { ...given.settings, mode: 'google-cloud' as const };
    const { store } = counting;
    return { ...given, settings, store, lanes: createLanes(store), queue: { enqueue } };
  });
  deps = platform.deps;
  const admin = await bootstrapAdminKey(deps, 'admin', async () => {});
  const made = await clientOf(apiOver(platform), admin)('/v1/keys', { body: { name: 'ann’s', user_id: 'ann' } });
  call = clientOf(apiOver(platform), (made.json as { secret: string }).secret);
  // The user’s account, default workspace and sums of the month are made once, not in each life.
  const { id } = (await call('/v1/sessions?wait=60', { body: {} })).json as { id: string };
  await call(`/v1/sessions/${id}?wait=60`, { method: 'DELETE' });
  await documentsOf(async () => undefined);
  await plain.delete(sessions, id);
});
afterAll(() => platform?.close());

/** What goes through the store from now until nothing does any more. A job’s place is of its rounds, not of a life. */
const documentsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
  counting.trips();
  await work();
  const all: string[] = [];
  for (let still = 0; still < 4; ) {
    await systemClock.sleep(50);
    const { documents } = counting.trips();
    all.push(...documents);
    still = documents.length === 0 ? still + 1 : 0;
  }
  return all.filter((each) => !each.endsWith(' places'));
};

const kinds = { reads: 'read ', writes: 'write ', deletes: 'delete ' } as const;
type Kind = keyof typeof kinds;
const countOf = (documents: readonly string[], kind: Kind): number =>
  documents.filter((each) => each.startsWith(kinds[kind])).length;
/** USD for a thousand times these. */
const priceOf = (documents: readonly string[]): number =>
  (Object.keys(kinds) as Kind[]).reduce((sum, kind) => sum + (countOf(documents, kind) * PRICES[kind]) / 100, 0);

/** The same deployment so much later. */
const later = (ms: number): Deps => ({ ...deps, clock: { ...deps.clock, now: () => deps.clock.now() + ms } });

it('a life of 30 minutes and 10 commands costs no more than $0.10 for a thousand', async () => {
  const items: [string, readonly string[]][] = [];
  const item = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    items.push([name, await documentsOf(work)]);
  };
  let id = '';
  tasks = 0;
  await item('create with key and wait, and provision', async () => {
    const answer = await call('/v1/sessions?wait=60', { body: {}, headers: { 'Idempotency-Key': 'life' } });
    expect(answer.json).toMatchObject({ status: 'running' });
    ({ id } = answer.json as { id: string });
  });
  await item(`${COMMANDS} commands with keys`, async () => {
    for (let n = 0; n < COMMANDS; n++) {
      const headers = { 'Idempotency-Key': `command-${n}` };
      const answer = await call(`/v1/sessions/${id}/execute`, { body: { command: 'true' }, headers });
      const { exec_id, returncode } = answer.json as { exec_id: string; returncode: number };
      expect(returncode).toBe(0);
      const isOpen = async () => (await plain.get(execs, execKey(id, exec_id)))?.data.status === 'running';
      await expect.poll(isOpen).toBe(false);
    }
  });
  await item(`meter, every ${METERED} minutes`, async () => {
    for (let minute = METERED; minute <= MINUTES; minute += METERED) {
      const doc = await plain.get(sessions, id);
      if (doc) await plain.put(sessions, id, { ...doc.data, meter_due: iso(deps.clock.now() - 1) });
      expect(await meterSessions(deps)).toEqual({ looked: 1, failed: 0 });
    }
  });
  await item('reconcile, every minute', async () => {
    for (let minute = 0; minute < MINUTES; minute++)
      await reconcile({ ...later(minute * MINUTE_MS), storages: { ...deps.storages, all: [] } });
  });
  await item('delete, to the last record', () => call(`/v1/sessions/${id}?wait=60`, { method: 'DELETE' }));
  await item('out of the lists and off the record', async () => {
    await prune(later(DAY_MS + MINUTE_MS));
    await prune(later((deps.settings.history_days + 1) * DAY_MS));
  });
  // Nothing of it is left but its ledger and audit.
  expect(await plain.get(sessions, id)).toBeNull();

  const line = (name: string, documents: readonly string[]): string =>
    `${countOf(documents, 'reads')} / ${countOf(documents, 'writes')} / ${countOf(documents, 'deletes')}, $${priceOf(documents).toFixed(4)}: ${name}`;
  const all = items.flatMap(([, documents]) => documents);
  const ofTasks = (tasks * TASKS_PRICE) / 1000;
  const sum = priceOf(all) + ofTasks;
  const table = [...items.map(([name, documents]) => line(name, documents)), line('all', all)];
  console.log(
    [
      '',
      'reads / writes / deletes of a life, USD for a thousand',
      ...table,
      `${tasks} tasks, $${ofTasks.toFixed(4)}`,
      `$${sum.toFixed(4)}`,
    ].join('\n'),
  );
  const counted = items.map(([name, documents]) => [
    name,
    Object.fromEntries([...Map.groupBy(documents, (each) => each)].map(([what, those]) => [what, those.length])),
  ]);
  expect(sum, JSON.stringify(counted, null, 1)).toBeLessThanOrEqual(GOAL);
  // The figure is of a whole life: each part of it has been through the store.
  for (const [name, documents] of items) expect(documents.length, name).toBeGreaterThan(0);
});
