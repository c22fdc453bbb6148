import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { execKey, execs, sessions } from '#services/model/collections.ts';
import { sweepExpired } from '#services/sweeps/expired.ts';
import { meterSessions } from '#services/sweeps/meter.ts';
import { reconcile } from '#services/sweeps/reconcile.ts';
import { enqueueEndNotice } from '#services/lifecycle/end-notice.ts';
import type { SessionDoc } from '#services/model/docs.ts';
import type { QueuedTask } from '#ports/queue.ts';
import { createDispatcher } from '../../functions/worker/dispatch.ts';
import { type CountingStore, countingStore, type Trips } from '../support/counting-store.ts';
import { type Client, clientOf } from './support/client.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { apiOver } from './support/world.ts';

/** Documents of Firestore are paid for one by one: what each verb reads and writes is a budget. */
interface Budget {
  readonly reads: number;
  readonly writes: number;
}

let platform: Platform;
let plain: Deps;
let api: CountingStore;
let worker: CountingStore;
let call: Client;
const table: string[] = [];

const counted = (deps: Deps, counting: CountingStore): Deps => ({
  ...deps,
  store: counting.store,
  lanes: createLanes(counting.store),
});

beforeAll(async () => {
  platform = await openPlatform((deps) => {
    plain = deps;
    worker = countingStore(deps.store);
    return counted(deps, worker);
  });
  api = countingStore(plain.store);
  const admin = await bootstrapAdminKey(plain, 'admin', async () => {});
  const over = apiOver(platform, { deps: counted(plain, api) });
  const made = await clientOf(over, admin)('/v1/keys', { body: { name: 'ann’s', user_id: 'ann' } });
  call = clientOf(over, (made.json as { secret: string }).secret);
  // What is made at first use, and noted of a key once in a while.
  await call('/v1/sessions?wait=60', { body: {} });
  await settled();
});
afterAll(async () => {
  console.log(['', 'reads / writes / deletes of', ...table].join('\n'));
  await platform?.close();
});

/** Nothing goes through either store any more. */
const settled = async (): Promise<void> => {
  for (let quiet = 0; quiet < 4; ) {
    await systemClock.sleep(50);
    quiet = api.trips().documents.length + worker.trips().documents.length === 0 ? quiet + 1 : 0;
  }
};

/** Does something, and takes what went through the stores until nothing does any more. */
const during = async (work: () => Promise<unknown>): Promise<{ readonly api: Trips; readonly worker: Trips }> => {
  await settled();
  await work();
  const both = { api: [api.trips()], worker: [worker.trips()] };
  for (let quiet = 0; quiet < 4; ) {
    await systemClock.sleep(50);
    const now = [api.trips(), worker.trips()] as const;
    quiet = now[0].documents.length + now[1].documents.length === 0 ? quiet + 1 : 0;
    both.api.push(now[0]);
    both.worker.push(now[1]);
  }
  const sum = (parts: readonly Trips[]): Trips => ({
    reads: parts.reduce((all, { reads }) => all + reads, 0),
    writes: parts.reduce((all, { writes }) => all + writes, 0),
    deletes: parts.reduce((all, { deletes }) => all + deletes, 0),
    documents: parts.flatMap(({ documents }) => documents),
  });
  return { api: sum(both.api), worker: sum(both.worker) };
};

const within = (what: string, { reads, writes, deletes, documents }: Trips, budget: Budget): void => {
  const counts = Map.groupBy(documents, (each) => each);
  const parts = [...counts].map(([name, all]) => (all.length > 1 ? `${all.length}x ${name}` : name));
  table.push(
    `${what}: ${reads} / ${writes} / ${deletes}, budget ${budget.reads} / ${budget.writes} (${parts.join(', ')})`,
  );
  expect({ reads, documents }, what).toMatchObject({ reads: expect.toSatisfy((n: number) => n <= budget.reads) });
  expect({ writes, documents }, what).toMatchObject({ writes: expect.toSatisfy((n: number) => n <= budget.writes) });
};

const create = async (query = '', headers: Record<string, string> = {}): Promise<string> =>
  ((await call(`/v1/sessions${query}`, { body: {}, headers })).json as { id: string }).id;

const running = async (): Promise<string> => {
  const id = await create('?wait=60');
  await settled();
  return id;
};

const ended = async (id: string, exec_id: string): Promise<void> => {
  while ((await plain.store.get(execs, execKey(id, exec_id)))?.data.status === 'running') await systemClock.sleep(20);
};

describe('documents read and written', () => {
  it('by a create, and by its provisioning', async () => {
    const made = await during(() => create());
    within('create', made.api, { reads: 4, writes: 5 });
    within('provision, found running at the first look', made.worker, { reads: 3, writes: 2 });
    const kept = await during(() => create('?wait=60', { 'Idempotency-Key': 'trips-1' }));
    within('create with Idempotency-Key and wait', kept.api, { reads: 8, writes: 6 });
  });

  it('by a command', async () => {
    const id = await running();
    const run = async (headers: Record<string, string> = {}): Promise<void> => {
      const { json } = await call(`/v1/sessions/${id}/execute`, { body: { command: 'true' }, headers });
      await ended(id, (json as { exec_id: string }).exec_id);
    };
    await run();
    within('exec', (await during(() => run())).api, { reads: 3, writes: 3 });
    within('exec with Idempotency-Key', (await during(() => run({ 'Idempotency-Key': 'trips-2' }))).api, {
      reads: 4,
      writes: 4,
    });
  });

  it('by a list, as many as it returns', async () => {
    const labels = { list: 'trips' };
    const { json } = await call('/v1/sessions?wait=60', { body: { labels } });
    await running();
    const listed = await during(async () => {
      const { json: found } = await call('/v1/sessions?label=list=trips&namespace=default');
      expect((found as { id: string }[]).map(({ id }) => id)).toEqual([(json as { id: string }).id]);
    });
    // One read says that the user is a member of nothing else.
    within('a list by a label that one session has', listed.api, { reads: 3, writes: 0 });
  });

  it('by an end, from the call to the last record', async () => {
    const id = await running();
    const { api: asked, worker: worked } = await during(() => call(`/v1/sessions/${id}`, { method: 'DELETE' }));
    const whole: Trips = {
      reads: asked.reads + worked.reads,
      writes: asked.writes + worked.writes,
      deletes: asked.deletes + worked.deletes,
      documents: [...asked.documents, ...worked.documents],
    };
    within('delete, whole, with forget', whole, { reads: 12, writes: 9 });
  });

  it('by the notice before an end: two reads, one write and one task, and none for a short life', async () => {
    const tasks: QueuedTask[] = [];
    const notices = countingStore(plain.store);
    const queue = {
      enqueue: async (task: QueuedTask) => {
        if (task.task === 'session.notice') tasks.push(task);
        return plain.queue.enqueue(task);
      },
    };
    const deps = { ...counted(plain, notices), queue };
    const live = async (ttl_minutes: number): Promise<SessionDoc> => {
      const { json } = await call('/v1/sessions?wait=60', { body: { ttl_minutes } });
      const doc = await plain.store.get(sessions, (json as { id: string }).id);
      if (!doc) throw new Error('the session is not there');
      return doc.data;
    };
    // As its provisioning did when it found the session running.
    const [long, short] = [await live(60), await live(9)];
    for (const each of [long, short]) await enqueueEndNotice(deps, each);
    expect(tasks.map(({ payload }) => payload['session_id'])).toEqual([long.id]);
    expect(notices.trips().documents).toEqual([]);
    const [task] = tasks;
    if (task) await createDispatcher(deps)({ ...task, attempt: 1 });
    const trips = notices.trips();
    within('the notice before an end', trips, { reads: 2, writes: 1 });
    expect(trips.documents).toEqual(['read sessions', 'write audit', 'read webhooks (none)']);
  });

  it('by the sweep of expired sessions, for each', async () => {
    const ids = [await running(), await running(), await running()];
    for (const id of ids) {
      const doc = await plain.store.get(sessions, id);
      if (doc) await plain.store.put(sessions, id, { ...doc.data, live_until: '2020-01-01T00:00:00.000Z' });
    }
    const sweep = countingStore(plain.store);
    await sweepExpired(counted({ ...plain, queue: { enqueue: async () => true } }, sweep));
    const trips = sweep.trips();
    within('three expired sessions in the sweep', trips, { reads: 3, writes: 9 });
  });

  it('by a look of the meter, for each session and once for their owner', async () => {
    for (let i = 0; i < 3; i++) await running();
    const due = (
      await plain.store.query(sessions, {
        where: { status: 'running' },
        order: { field: 'id', direction: 'desc' },
        limit: 100,
      })
    ).docs;
    for (const { id, data } of due)
      await plain.store.put(sessions, id, { ...data, meter_due: '2020-01-01T00:00:00.000Z' });
    await settled();
    const meter = countingStore(plain.store);
    expect(await meterSessions(counted(plain, meter))).toMatchObject({ looked: due.length, failed: 0 });
    // Looks that take longer than the others share a second transaction, which reads and writes the account once more.
    within(`a look at ${due.length} sessions of one owner`, meter.trips(), {
      reads: 2 * due.length + 2,
      writes: 2 * due.length + 2,
    });
  });

  it('by a round of reconcile: nothing of those that run and are old, on Google Cloud', async () => {
    const listed = (await Promise.all(plain.computes.all.map((compute) => compute.list()))).flat();
    const live = listed.filter(({ ended }) => !ended);
    expect(live.length).toBeGreaterThan(2);
    const cloud = { ...plain.settings, mode: 'google-cloud' as const };
    const round = async (ahead_ms: number): Promise<Trips> => {
      const counting = countingStore(plain.store);
      const clock = { ...plain.clock, now: () => plain.clock.now() + ahead_ms };
      const storages = { ...plain.storages, all: [] };
      await reconcile(counted({ ...plain, settings: cloud, clock, storages }, counting));
      return counting.trips();
    };
    within('a round of reconcile, young sessions', await round(0), { reads: listed.length, writes: 0 });
    // In each minute of an hour some are read; in all of them each is read once.
    const rounds: Trips[] = [];
    for (let minute = 0; minute < 60; minute++) rounds.push(await round((60 + minute) * 60_000));
    const of = (what: string) => rounds.flatMap(({ documents }) => documents).filter((each) => each === what).length;
    const endedOnes = listed.filter((owned) => owned.ended).length;
    expect(of('read sessions') - 60 * endedOnes).toBe(live.length);
    // Each round reads up to which minute the rounds have come, and writes it where it compared one.
    const rest = { reads: of('read sessions') + 60, writes: live.length };
    const sum = (of: 'reads' | 'writes') => rounds.reduce((total, round) => total + round[of], 0);
    within(
      `an hour of reconcile, ${live.length} old sessions`,
      { ...rounds[0], reads: sum('reads'), writes: sum('writes') } as Trips,
      rest,
    );
  });

  it('by a hundred creates of one owner that arrive together', async () => {
    const many = countingStore(plain.store);
    const idle = { ...plain, queue: { enqueue: async () => true } };
    const at = clientOf(apiOver(platform, { deps: counted(idle, many) }), null);
    const key = (await call('/v1/keys', { body: { name: 'many' } })).json as { secret: string };
    await settled();
    many.trips();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        at('/v1/sessions', { key: key.secret, body: {}, headers: { 'Idempotency-Key': `many-${i}` } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBe(100);
    await systemClock.sleep(200);
    const { documents } = many.trips();
    const same = documents.filter((each) => /^read (accounts|users|workspaces|sessions)$/.test(each));
    table.push(`100 creates of one owner: ${same.length} reads of documents that they share`);
    // They may fall into a few transactions: the first leaves as soon as it can.
    expect(same.length).toBeLessThanOrEqual(9);
  });
});
