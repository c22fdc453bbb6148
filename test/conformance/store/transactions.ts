import { describe, expect, it } from 'vitest';
import { AlreadyExists, type Transaction } from '#ports/store.ts';
import { counters, freshStore, items, type OpenStore } from './fixture.ts';

const increment = (id: string) => async (tx: Transaction) => {
  const n = ((await tx.get(counters, id))?.data.n ?? 0) + 1;
  tx.put(counters, id, { n });
  return n;
};

/** Transactions one at a time and against writers of all kinds. */
export const transactionTests = (open: OpenStore): void => {
  describe('transactions', () => {
    const store = freshStore(open);
    const count = async (id: string) => (await store().get(counters, id))?.data.n;

    it('writes all or nothing, and gives back what the callback gave', async () => {
      const answer = await store().transaction(async (tx) => {
        tx.create(counters, 'a', { n: 1 });
        tx.put(counters, 'b', { n: 2 });
        tx.delete(counters, 'c');
        return 'done';
      });
      expect(answer).toBe('done');
      expect([await count('a'), await count('b')]).toEqual([1, 2]);
    });

    it('writes nothing where the callback throws midway, and passes its error on', async () => {
      await store().put(counters, 'a', { n: 1 });
      const mine = new Error('changed my mind');
      const run = store().transaction(async (tx) => {
        await tx.get(counters, 'a');
        tx.put(counters, 'a', { n: 2 });
        tx.create(counters, 'b', { n: 2 });
        await Promise.resolve();
        throw mine;
      });
      await expect(run).rejects.toBe(mine);
      expect([await count('a'), await count('b')]).toEqual([1, undefined]);
    });

    it('fails as a whole with AlreadyExists where a created document is there', async () => {
      await store().put(counters, 'b', { n: 7 });
      const run = store().transaction(async (tx) => {
        tx.put(counters, 'a', { n: 1 });
        tx.create(counters, 'b', { n: 1 });
        tx.put(counters, 'c', { n: 1 });
      });
      await expect(run).rejects.toBeInstanceOf(AlreadyExists);
      expect([await count('a'), await count('b'), await count('c')]).toEqual([undefined, 7, undefined]);
    });

    it('applies several writes of one document in their order', async () => {
      await store().put(counters, 'b', { n: 0 });
      await store().transaction(async (tx) => {
        tx.create(counters, 'a', { n: 1 });
        tx.put(counters, 'a', { n: 2 });
        tx.delete(counters, 'b');
        tx.put(counters, 'c', { n: 1 });
        tx.delete(counters, 'c');
      });
      expect([await count('a'), await count('b'), await count('c')]).toEqual([2, undefined, undefined]);
    });

    it('calls a read after the first write a mistake', async () => {
      const reads = [
        (tx: Transaction) => tx.get(counters, 'a'),
        (tx: Transaction) => tx.getMany(counters, ['a']),
        (tx: Transaction) => tx.query(counters, { limit: 1 }),
      ];
      for (const read of reads) {
        const run = store().transaction(async (tx) => {
          tx.put(counters, 'a', { n: 1 });
          await read(tx);
        });
        await expect(run).rejects.toThrow(/every read comes before the first write/);
      }
      expect(await count('a')).toBeUndefined();
    });

    it('calls a read or write after its end a mistake', async () => {
      const escaped: Transaction[] = [];
      await store().transaction(async (tx) => {
        escaped.push(tx);
      });
      const [late] = escaped;
      expect(() => late?.put(counters, 'a', { n: 1 })).toThrow(/ended/);
      await expect(late?.get(counters, 'a')).rejects.toThrow(/ended/);
    });

    it('refuses bad ids and too large documents where they are written', async () => {
      const bad = store().transaction(async (tx) => tx.put(counters, 'a/b', { n: 1 }));
      await expect(bad).rejects.toBeInstanceOf(TypeError);
      const large = store().transaction(async (tx) => tx.put(items, 'a', { owner: 'x'.repeat(1_000_001) }));
      await expect(large).rejects.toBeInstanceOf(RangeError);
    });

    it('starts again when a plain put comes between its read and its commit', async () => {
      await store().put(counters, 'a', { n: 1 });
      let runs = 0;
      const seen: number[] = [];
      const put = Promise.withResolvers<void>();
      await store().transaction(async (tx) => {
        runs += 1;
        const n = (await tx.get(counters, 'a'))?.data.n ?? 0;
        seen.push(n);
        if (runs === 1) {
          // A store that locks what was read holds this put until the commit: it isn't awaited without an end.
          const writing = store().put(counters, 'a', { n: 10 });
          writing.then(put.resolve, put.reject);
          await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 200))]);
        }
        tx.put(counters, 'b', { n: n + 1 });
      });
      await put.promise;
      expect(await count('b')).toBe((seen.at(-1) ?? 0) + 1);
      expect(await count('a')).toBe(10);
      if (runs > 1) expect(seen.at(-1)).toBe(10);
    });

    it('does not pass on an error out of a state that never was', async () => {
      await store().put(counters, 'a', { n: 5 });
      await store().put(counters, 'b', { n: 5 });
      let runs = 0;
      let moving: Promise<unknown> = Promise.resolve();
      await store().transaction(async (tx) => {
        runs += 1;
        const a = (await tx.get(counters, 'a'))?.data.n ?? 0;
        if (runs === 1) {
          moving = store().transaction(async (other) => {
            other.put(counters, 'a', { n: 4 });
            other.put(counters, 'b', { n: 6 });
          });
          await Promise.race([moving, new Promise((resolve) => setTimeout(resolve, 200))]);
        }
        const b = (await tx.get(counters, 'b'))?.data.n ?? 0;
        if (a + b !== 10) throw new Error(`the sum is ${a + b}`);
        tx.put(counters, 'c', { n: a + b });
      });
      await moving;
      expect(await count('c')).toBe(10);
    });

    it('never lets a callback keep two different answers about one document', async () => {
      let runs = 0;
      let moving: Promise<unknown> = Promise.resolve();
      const settled = () => Promise.race([moving, new Promise((resolve) => setTimeout(resolve, 200))]);
      const answer = await store().transaction(async (tx) => {
        runs += 1;
        const before = await tx.get(counters, 'a');
        if (runs === 1) moving = store().create(counters, 'a', { n: 1 });
        await settled();
        const after = await tx.get(counters, 'a');
        if (runs === 1) moving = store().delete(counters, 'a');
        await settled();
        tx.put(counters, 'b', { n: 1 });
        return [before?.data.n, after?.data.n];
      });
      await moving;
      expect(answer[0]).toBe(answer[1]);
    });

    it('counts exactly under 50 transactions on one document', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => store().transaction(increment('hot'))));
      expect(await count('hot')).toBe(50);
      expect(answers.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    });

    it('counts exactly when transactions pause and plain writers push in between', async () => {
      await store().put(counters, 'hot', { n: 0 });
      const pushing = Array.from({ length: 20 }, async () => {
        for (let written = false; !written; ) {
          const doc = await store().get(counters, 'hot');
          await new Promise((resolve) => setTimeout(resolve, 1));
          written = await store()
            .put(counters, 'hot', { n: (doc?.data.n ?? 0) + 1 }, doc?.version)
            .then(
              () => true,
              () => false,
            );
        }
      });
      const slow = Array.from({ length: 10 }, () =>
        store().transaction(async (tx) => {
          const n = (await tx.get(counters, 'hot'))?.data.n ?? 0;
          await new Promise((resolve) => setTimeout(resolve, 3));
          tx.put(counters, 'hot', { n: n + 1 });
        }),
      );
      await Promise.all([...pushing, ...slow]);
      expect(await count('hot')).toBe(30);
    });

    it('lets exactly one of many take the last place counted by a query', async () => {
      const places = 3;
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          store().transaction(async (tx) => {
            const held = await tx.query(items, { where: { owner: 'ann' }, limit: 100 });
            if (held.docs.length >= places) return false;
            tx.create(items, `place${n}`, { owner: 'ann' });
            return true;
          }),
        ),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(places);
      expect((await store().query(items, { where: { owner: 'ann' }, limit: 100 })).docs).toHaveLength(places);
    });

    it('commits many at once that have nothing to do with each other, in spite of one that fails', async () => {
      await store().put(counters, 'taken', { n: 0 });
      const runs = Array.from({ length: 100 }, (_, n) =>
        store().transaction(async (tx) => {
          await tx.get(counters, `c${n}`);
          tx.create(counters, n % 10 === 0 ? 'taken' : `c${n}`, { n });
          tx.put(counters, `d${n}`, { n });
        }),
      );
      const outcomes = await Promise.allSettled(runs);
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10);
      for (let n = 0; n < 100; n++) expect(await count(`d${n}`)).toBe(n % 10 === 0 ? undefined : n);
      expect(await count('taken')).toBe(0);
    });
  });
};
