import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FirestoreStore } from '#drivers/store/firestore/firestore-store.ts';
import type { Operation } from '#drivers/store/firestore/observe.ts';
import { openChannel } from '#drivers/store/firestore/open.ts';
import { MEANINGS } from '#drivers/store/firestore/verdicts.ts';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/logger.ts';
import { systemIds } from '#platform/ids.ts';
import type { Clock } from '#ports/clock.ts';
import { AlreadyExists, type Collection, StoreBusy, VersionMismatch } from '#ports/store.ts';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { FIRESTORE, type GrpcRelay, startGrpcRelay } from '../../support/grpc-relay.ts';
import { commits, emulatorForFile, openOn } from './firestore-fixture.ts';
import { COLLECTIONS, counters, items } from './fixture.ts';

const journal: Collection<{ readonly n: number }> = { name: 'journal', indexes: [], permanent: true };
const UNANSWERED = ['lost', 'silent'] as const;

/** Pauses take a hundredth of their time, and durations are a hundred times as long: 30 s pass in 300 ms. */
const hurried = (factor: number): Clock => ({
  ...systemClock,
  monotonic: () => systemClock.monotonic() * factor,
  sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  timer: (ms, run) => systemClock.timer(ms / factor, run),
});

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`Firestore, whose answers get lost${missing === null ? '' : `: ${missing}`}`, () => {
  const emulator = emulatorForFile();
  let relay: GrpcRelay;
  let store: FirestoreStore;
  let direct: FirestoreStore;
  let done: Operation[] = [];
  beforeAll(async () => {
    relay = await startGrpcRelay(emulator().host, FIRESTORE);
  });
  afterAll(() => relay?.stop());
  const collections = [...COLLECTIONS, journal];
  beforeEach(async () => {
    const project = emulator().project();
    const at = (host: string) => ({ host, project: () => project });
    done = [];
    store = await openOn(at(relay.host), {
      collections,
      callMs: 1_000,
      observe: { operation: (operation) => void done.push(operation) },
    });
    direct = await openOn(at(emulator().host), { collections });
    await direct.put(counters, 'a', { n: 1 });
  });
  afterEach(async () => {
    relay.trouble(null);
    await Promise.all([store.close(), direct.close()]);
  });

  const count = async (id: string) => (await direct.get(counters, id))?.data.n;
  const first = (method: string, fault: 'lost' | 'silent' | 'stopped' | number) =>
    relay.trouble((each, nth) => (each === method && nth === 1 ? fault : null));
  const increment = (options = {}) =>
    store.transaction(async (tx) => {
      const n = ((await tx.get(counters, 'a'))?.data.n ?? 0) + 1;
      tx.put(counters, 'a', { n });
      return n;
    }, options);

  describe.each(UNANSWERED)('a commit that is done, and %s', (fault) => {
    beforeEach(() => first('Commit', fault));

    it('creates its document, and does not take it for that of another', async () => {
      await store.create(counters, 'b', { n: 7 });
      expect(await count('b')).toBe(7);
    });

    it('puts, also at a version', async () => {
      await store.put(counters, 'b', { n: 7 });
      const version = (await direct.get(counters, 'a'))?.version ?? '';
      first('Commit', fault);
      await store.put(counters, 'a', { n: 5 }, version);
      expect([await count('a'), await count('b')]).toEqual([5, 7]);
    });

    it('deletes, also at a version', async () => {
      const version = (await direct.get(counters, 'a'))?.version ?? '';
      await store.delete(counters, 'a', version);
      first('Commit', fault);
      await store.delete(counters, 'a');
      expect(await count('a')).toBeUndefined();
    });

    it('counts once, by a marker that is pruned later', async () => {
      expect(await increment()).toBe(2);
      expect(await count('a')).toBe(2);
      const { docs } = await direct.query(commits, { order: { field: 'purge_at', direction: 'asc' }, limit: 9 });
      expect(docs.map(({ data }) => Object.keys(data))).toEqual([['at', 'purge_at']]);
    });

    it('counts once, by the permanent document that it created, and writes no marker', async () => {
      let runs = 0;
      const answer = await store.transaction(async (tx) => {
        runs += 1;
        const n = ((await tx.get(counters, 'a'))?.data.n ?? 0) + 1;
        tx.put(counters, 'a', { n });
        tx.create(journal, `entry-${runs}`, { n });
        return `entry-${runs}`;
      });
      expect([answer, runs, await count('a')]).toEqual(['entry-1', 1, 2]);
      expect((await direct.query(commits, { limit: 9 })).docs).toEqual([]);
    });

    it('runs once more what may be repeated, without a proof', async () => {
      const seen: number[] = [];
      await store.transaction(
        async (tx) => {
          const n = (await tx.get(counters, 'a'))?.data.n ?? 0;
          seen.push(n);
          if (n < 2) tx.put(counters, 'a', { n: 2 });
        },
        { repeatable: true },
      );
      expect([seen, await count('a')]).toEqual([[1, 2], 2]);
      expect((await direct.query(commits, { limit: 9 })).docs).toEqual([]);
    });

    it('finds a document of another as before, also in a transaction', async () => {
      await expect(store.create(counters, 'a', { n: 9 })).rejects.toBeInstanceOf(AlreadyExists);
      first('Commit', fault);
      const created = store.transaction(async (tx) => {
        tx.create(counters, 'c', { n: 9 });
        tx.create(counters, 'a', { n: 9 });
      });
      await expect(created).rejects.toMatchObject({ name: 'AlreadyExists', collection: 'counters', id: 'a' });
      first('Commit', fault);
      await expect(store.put(counters, 'a', { n: 9 }, '1.000001000')).rejects.toBeInstanceOf(VersionMismatch);
      expect([await count('a'), await count('c')]).toEqual([1, undefined]);
    });
  });

  it('a commit that never arrived is sent again', async () => {
    first('Commit', 'stopped');
    expect(await increment()).toBe(2);
    first('Commit', 'stopped');
    await store.create(counters, 'b', { n: 7 });
    expect([await count('a'), await count('b')]).toEqual([2, 7]);
  });

  it('is rolled back until the server says so, lest it arrive late or be in the way of its own repetition', async () => {
    const [commitsBefore, rollbacksBefore] = [relay.calls('Commit'), relay.calls('Rollback')];
    relay.trouble((method, nth) =>
      (method === 'Commit' && nth === 1) || (method === 'Rollback' && nth <= 2) ? 14 : null,
    );
    expect(await increment()).toBe(2);
    expect(relay.calls('Commit') - commitsBefore).toBe(2);
    expect(relay.calls('Rollback') - rollbacksBefore).toBe(3);
  });

  it.each(['lost', 'silent', 'stopped'] as const)(
    'a read that is %s is asked again, in a transaction too',
    async (fault) => {
      for (const method of ['BatchGetDocuments', 'RunQuery']) {
        first(method, fault);
        expect((await store.get(counters, 'a'))?.data.n).toBe(1);
        first(method, fault);
        const query = { order: { field: 'n', direction: 'asc' }, limit: 5 } as const;
        expect((await store.query(counters, query)).docs.map(({ id }) => id)).toEqual(['a']);
        first(method, fault);
        const n = await store.transaction(async (tx) => {
          const { docs } = await tx.query(counters, query);
          return (await tx.get(counters, docs[0]?.id ?? ''))?.data.n;
        });
        expect(n).toBe(1);
      }
    },
  );

  describe.each(MEANINGS)('$name', ({ code, read, commit }) => {
    it(`of a commit: ${commit}`, async () => {
      const wrong = commit === 'bug' || commit === 'refused';
      first('Commit', code);
      if (wrong) await expect(increment()).rejects.toThrow();
      else expect(await increment()).toBe(2);
      expect(await count('a')).toBe(wrong ? 1 : 2);
      if (wrong) expect(relay.calls('Commit')).toBeGreaterThan(0);
    });

    it(`of a read: ${read}`, async () => {
      for (const method of ['BatchGetDocuments', 'RunQuery']) {
        const before = relay.calls(method);
        first(method, code);
        const reads = async () => {
          if (method === 'RunQuery') await store.query(items, { limit: 1 });
          else await store.get(counters, 'a');
        };
        if (read === 'bug') await expect(reads()).rejects.toMatchObject({ code });
        else await reads();
        // What is refused is refused at once, without a second try.
        expect(relay.calls(method) - before).toBe(read === 'bug' ? 1 : 2);
      }
    });
  });

  it('a query that Firestore refuses fails at once, whatever it is that is wrong with it', async () => {
    const project = emulator().project();
    const channel = await openChannel({
      ...{ project, clock: systemClock, log: createLogger({ level: 'silent' }), emulatorHost: relay.host },
    });
    const parent = `projects/${project}/databases/(default)/documents`;
    const values = Array.from({ length: 31 }, (_, n) => ({ integerValue: n }));
    const filter = (op: 'IN' | 'EQUAL', fieldPath: string, value: object) => ({
      fieldFilter: { field: { fieldPath }, op, value },
    });
    const wrong = [
      // More than 30.
      { from: [{ collectionId: 'items' }], where: filter('IN', 'n', { arrayValue: { values } }) },
      { from: [{ collectionId: 'items' }], where: filter('EQUAL', '__n__', { integerValue: 1 }) },
      { from: [{ collectionId: '__items__' }] },
      { from: [{ collectionId: 'items' }], limit: { value: -1 } },
    ];
    for (const structuredQuery of wrong) {
      const before = relay.calls('RunQuery');
      await expect(channel.run({ parent, structuredQuery })).rejects.toMatchObject({ code: 3 });
      expect(relay.calls('RunQuery') - before).toBe(1);
    }
    await channel.close();
  });

  it('is busy where its time is over, and has written nothing', async () => {
    const { project } = { project: emulator().project() };
    const hasty = await openOn({ host: relay.host, project: () => project }, { collections, clock: hurried(100) });
    relay.trouble((method) => (method === 'Commit' ? 8 : null));
    const run = hasty.transaction(async (tx) =>
      tx.put(counters, 'a', { n: (await tx.get(counters, 'a'))?.data.n ?? 0 }),
    );
    await expect(run).rejects.toBeInstanceOf(StoreBusy);
    relay.trouble((method) => (method === 'Commit' ? 14 : null));
    // Here it may have been written.
    const other = hasty.transaction(async (tx) => tx.put(counters, 'a', { n: 1 }));
    await expect(other).rejects.toMatchObject({ name: 'CommitUnknown' });
    relay.trouble(() => 14);
    await expect(hasty.get(counters, 'a')).rejects.toBeInstanceOf(StoreBusy);
    expect(hasty.healthy()).toBe(true);
    relay.trouble(null);
    expect((await hasty.get(counters, 'a'))?.data.n).toBeUndefined();
    await hasty.close();
  });

  describe('pauses before it tries a transaction again', () => {
    const pauses: number[] = [];
    let paused: FirestoreStore;
    beforeEach(async () => {
      const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
      const project = emulator().project();
      paused = await openOn(
        { host: relay.host, project: () => project },
        { collections, clock: { ...systemClock, sleep }, ids: { ...systemIds, fraction: () => 1 } },
      );
      pauses.length = 0;
    });
    afterEach(() => paused.close());
    const write = (id: string) =>
      paused.transaction(
        async (tx) => {
          await tx.get(counters, id);
          tx.put(counters, id, { n: 1 });
        },
        { repeatable: true },
      );
    const commits = (answer: (nth: number) => number | null) =>
      relay.trouble((method, nth) => (method === 'Commit' ? answer(nth) : null));

    it('for long where others were in the way, and longer each time', async () => {
      commits((nth) => (nth <= 4 ? 10 : null));
      await write('a');
      expect(pauses).toEqual([1_000, 2_000, 4_000, 4_000]);
    });

    it('for a moment where the service had no answer', async () => {
      commits((nth) => (nth <= 2 ? 8 : null));
      await write('a');
      expect(pauses).toEqual([100, 180]);
    });

    it('for a moment where one of the same process has got through since it met others', async () => {
      commits((nth) => (nth <= 3 ? 10 : null));
      await Promise.all(['a', 'b', 'c'].map(write));
      expect(pauses).toEqual([1_000, 100, 100]);
    });
  });

  it('makes a new connection after a minute without an answer, and says meanwhile that it is not well', async () => {
    const project = emulator().project();
    const hasty = await openOn({ host: relay.host, project: () => project }, { collections, clock: hurried(400) });
    await hasty.get(counters, 'a');
    const before = relay.connections();
    relay.trouble(() => 14);
    const asks = () => hasty.get(counters, 'a').catch(() => undefined);
    while (hasty.healthy()) await asks();
    while (relay.connections() === before) await asks();
    relay.trouble(null);
    await hasty.get(counters, 'a');
    expect(hasty.healthy()).toBe(true);
    await hasty.close();
  });

  it('rolls back what is open when it is closed, so that no other waits for its locks', async () => {
    const held = Promise.withResolvers<void>();
    const run = store.transaction(async (tx) => {
      await tx.get(counters, 'a');
      held.resolve();
      await new Promise(() => undefined);
    });
    await held.promise;
    const rolled = relay.calls('Rollback');
    await store.close();
    await expect(run).rejects.toThrow('the store is being closed');
    expect(relay.calls('Rollback')).toBe(rolled + 1);
    await direct.put(counters, 'a', { n: 3 });
    expect(await count('a')).toBe(3);
  });

  it('tells what Firestore charges for: documents by kind and collection', async () => {
    await store.getMany(counters, ['a', 'nothing', 'a']);
    await store.query(items, { where: { owner: 'ann' }, limit: 5 });
    await store.transaction(async (tx) => {
      await tx.get(counters, 'a');
      tx.put(counters, 'a', { n: 2 });
      tx.create(journal, 'x', { n: 1 });
      tx.delete(counters, 'b');
    });
    const total = new Map<string, number>();
    for (const { verb, collection, count: n } of done)
      total.set(`${verb} ${collection}`, (total.get(`${verb} ${collection}`) ?? 0) + n);
    expect(Object.fromEntries(total)).toEqual({
      'read counters': 3,
      // A query without a result.
      'read items': 1,
      'write counters': 1,
      'write journal': 1,
      'delete counters': 1,
    });
  });
});
