import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SqliteStore } from '#drivers/store/sqlite/sqlite-store.ts';
import { systemClock } from '#platform/clock.ts';
import type { Clock } from '#ports/clock.ts';
import { StoreBusy } from '#ports/store.ts';
import { counters, items } from './fixture.ts';
import { openStoreIn, temporaryFolder } from './temporary.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Time that runs a hundred times as fast, so that limits of seconds pass in a test. */
const hasty: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
  timer: (ms, run) => systemClock.timer(ms / 100, run),
};

describe('sqlite commits', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: SqliteStore;
  beforeEach(async () => {
    folder = await temporaryFolder();
    store = await openStoreIn(folder.path);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await store.close();
    await folder.remove();
  });
  /** How many SQLite transactions were committed since. */
  const commits = () => {
    const spy = vi.spyOn(store.sql.database, 'exec');
    return () => spy.mock.calls.filter(([sql]) => sql === 'COMMIT').length;
  };

  it('puts what waits in one turn into one commit, whatever it is', async () => {
    const count = commits();
    await Promise.all([
      ...Array.from({ length: 100 }, (_, n) => store.create(counters, `c${n}`, { n })),
      ...Array.from({ length: 100 }, (_, n) =>
        store.transaction(async (tx) => {
          await tx.get(counters, `d${n}`);
          tx.put(counters, `d${n}`, { n });
        }),
      ),
      store.sql.commit(() => store.sql.database.prepare('SELECT 1').get()),
    ]);
    expect(count()).toBe(1);
  });

  it('does not let one that fails disturb the others of its commit', async () => {
    await store.put(counters, 'taken', { n: 0 });
    const count = commits();
    const outcomes = await Promise.allSettled([
      store.put(counters, 'a', { n: 1 }),
      store.create(counters, 'taken', { n: 1 }),
      store.sql.commit(() => {
        store.sql.database.exec('CREATE TABLE half (a)');
        throw new Error('mine');
      }),
      store.put(counters, 'b', { n: 1 }, '999'),
      store.put(counters, 'c', { n: 1 }),
    ]);
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([true, false, false, false, true]);
    expect(count()).toBe(1);
    expect((await store.getMany(counters, ['a', 'b', 'c'])).map((doc) => doc?.data.n)).toEqual([1, undefined, 1]);
    expect(store.sql.database.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'half'").get()?.n).toBe(0);
  });

  it('takes lazy writes along with the next commit, or commits them alone in the end', async () => {
    const count = commits();
    const order: string[] = [];
    const lazy = store.sql.commitLazily(() => order.push('lazy'));
    await pause(5);
    expect(order).toEqual([]);
    await store.put(counters, 'a', { n: 1 });
    await lazy;
    expect([order, count()]).toEqual([['lazy'], 1]);
    await store.sql.commitLazily(() => order.push('alone'));
    expect([order, count()]).toEqual([['lazy', 'alone'], 2]);
  });

  it('gets a slow transaction through a document that is written all the time', async () => {
    let going = true;
    let written = 0;
    const writer = (async () => {
      while (going) {
        await store.put(counters, 'hot', { n: written });
        written += 1;
      }
    })();
    let runs = 0;
    await store.transaction(async (tx) => {
      runs += 1;
      const n = (await tx.get(counters, 'hot'))?.data.n ?? 0;
      await pause(3);
      tx.create(items, 'slow', { n });
    });
    const after = written;
    await expect.poll(() => written).toBeGreaterThan(after);
    going = false;
    await writer;
    expect(runs).toBeLessThanOrEqual(9);
  });

  it('gets every one of many slow transactions through', async () => {
    const slow = Array.from({ length: 12 }, () =>
      store.transaction(async (tx) => {
        const n = (await tx.get(counters, 'hot'))?.data.n ?? 0;
        await pause(2);
        tx.put(counters, 'hot', { n: n + 1 });
      }),
    );
    await Promise.all(slow);
    expect((await store.get(counters, 'hot'))?.data.n).toBe(12);
  });

  it('ends with StoreBusy, not with a standstill, where a callback writes past its own transaction', async () => {
    await store.close();
    store = await openStoreIn(folder.path, { clock: hasty });
    const run = store.transaction(async (tx) => {
      const n = (await tx.get(counters, 'own'))?.data.n ?? 0;
      await store.put(counters, 'own', { n: n + 1 });
      tx.put(counters, 'own', { n: -1 });
    });
    await expect(run).rejects.toBeInstanceOf(StoreBusy);
    await store.put(counters, 'other', { n: 1 });
    expect((await store.get(counters, 'own'))?.data.n).toBe(11);
  });

  it('refuses those who wait for their turn when it closes', async () => {
    const inside = Promise.withResolvers<void>();
    const runs = Array.from({ length: 3 }, () =>
      store.transaction(async (tx) => {
        await tx.get(counters, 'hot');
        await inside.promise;
        tx.put(counters, 'hot', { n: 1 });
      }),
    );
    await store.close();
    inside.resolve();
    for (const { status } of await Promise.allSettled(runs)) expect(status).toBe('rejected');
  });
});
