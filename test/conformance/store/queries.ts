import { describe, expect, it } from 'vitest';
import { BadCursor, type Query } from '#ports/store.ts';
import { allPages, freshStore, type Item, idsOf, items, type OpenStore } from './fixture.ts';

/** Queries: equality, order, range, limits, cursors. */
export const queryTests = (open: OpenStore): void => {
  describe('queries', () => {
    const store = freshStore(open);
    const fill = (docs: Readonly<Record<string, Item>>) =>
      Promise.all(Object.entries(docs).map(([id, data]) => store().create(items, id, data)));
    const find = async (query: Omit<Query, 'limit'>) =>
      idsOf((await store().query(items, { limit: 100, ...query })).docs);

    it('compares by value and type', async () => {
      await fill({
        text: { tag: '1' },
        number: { tag: 1 },
        float: { tag: 1.5 },
        yes: { tag: true },
        no: { tag: false },
        zero: { tag: 0 },
        nothing: { tag: null },
        absent: {},
        object: { tag: { a: 1 } },
        json: { tag: '{"a":1}' },
      });
      expect(await find({ where: { tag: '1' } })).toEqual(['text']);
      expect(await find({ where: { tag: 1 } })).toEqual(['number']);
      expect(await find({ where: { tag: 1.5 } })).toEqual(['float']);
      expect(await find({ where: { tag: true } })).toEqual(['yes']);
      expect(await find({ where: { tag: false } })).toEqual(['no']);
      expect(await find({ where: { tag: 0 } })).toEqual(['zero']);
      expect(await find({ where: { tag: '{"a":1}' } })).toEqual(['json']);
      expect(await find({ where: { tag: 'null' } })).toEqual([]);
    });

    it('orders numbers before text, text by its UTF-8 bytes, and leaves out what has no value there', async () => {
      await fill({
        minus: { rank: -1 },
        zero: { rank: 0 },
        big: { rank: 1e20 },
        small: { rank: 0.1 },
        empty: { rank: '' },
        ten: { rank: '10' },
        upper: { rank: 'B' },
        lower: { rank: 'a' },
        umlaut: { rank: 'ä' },
        late: { rank: '\uff5e' },
        astral: { rank: '\ud83d\ude00' },
        nothing: { rank: null },
        absent: {},
      });
      const expected = 'minus zero small big empty ten upper lower umlaut late astral'.split(' ');
      expect(await find({ order: { field: 'rank', direction: 'asc' } })).toEqual(expected);
      expect(await find({ order: { field: 'rank', direction: 'desc' } })).toEqual(expected.toReversed());
      for (const direction of ['asc', 'desc'] as const) {
        const paged = await allPages(store(), { order: { field: 'rank', direction }, limit: 2 });
        expect(paged).toEqual(direction === 'asc' ? expected : expected.toReversed());
      }
    });

    it('keeps a range among values of its own type', async () => {
      await fill({
        one: { rank: 1 },
        two: { rank: 2 },
        three: { rank: 3 },
        a: { rank: 'a' },
        b: { rank: 'b' },
        no: {},
      });
      const ordered = (range: Query['range'], direction: 'asc' | 'desc' = 'asc') =>
        find({ order: { field: 'rank', direction }, ...(range ? { range } : {}) });
      expect(await ordered({ gt: 1 })).toEqual(['two', 'three']);
      expect(await ordered({ gte: 1, lt: 3 })).toEqual(['one', 'two']);
      expect(await ordered({ lte: 2 }, 'desc')).toEqual(['two', 'one']);
      expect(await ordered({ gte: 3 }, 'desc')).toEqual(['three']);
      expect(await ordered({ lt: 'b' })).toEqual(['a']);
      expect(await ordered({ lte: 'b' }, 'desc')).toEqual(['b', 'a']);
      expect(await ordered({ gt: 'a' })).toEqual(['b']);
      expect(await ordered({ gt: 5, lt: 4 })).toEqual([]);
    });

    it('breaks ties by id in the direction of the order, and orders by id where there is none', async () => {
      await fill({
        b: { owner: 'x', rank: 1 },
        a: { owner: 'x', rank: 1 },
        c: { owner: 'x', rank: 1 },
        d: { owner: 'y' },
      });
      const order = (direction: 'asc' | 'desc') => ({ field: 'rank', direction });
      expect(await find({ where: { owner: 'x' }, order: order('asc') })).toEqual(['a', 'b', 'c']);
      expect(await find({ where: { owner: 'x' }, order: order('desc') })).toEqual(['c', 'b', 'a']);
      expect(await find({ where: { owner: 'x' } })).toEqual(['a', 'b', 'c']);
      expect(await find({})).toEqual(['a', 'b', 'c', 'd']);
      expect(await find({ range: { gt: 'a', lte: 'c' } })).toEqual(['b', 'c']);
      expect(await find({ where: { owner: 'x' }, range: { gte: 'b' } })).toEqual(['b', 'c']);
    });

    it('compares several fields, in any order of writing them, and fields within fields', async () => {
      await fill({
        a: { owner: 'x', active: true, rank: 2, place: { zone: 'eu' }, n: 1 },
        b: { owner: 'x', active: false, rank: 1, place: { zone: 'eu' }, n: 0 },
        c: { owner: 'x', active: true, rank: 1, place: { zone: 'us' }, n: 0 },
      });
      const order = { field: 'rank', direction: 'asc' } as const;
      expect(await find({ where: { owner: 'x', active: true }, order })).toEqual(['c', 'a']);
      expect(await find({ where: { active: true, owner: 'x' }, order })).toEqual(['c', 'a']);
      const byN = { field: 'n', direction: 'asc' } as const;
      expect(await find({ where: { 'place.zone': 'eu' }, order: byN })).toEqual(['b', 'a']);
    });

    it('finds what a list contains: a whole text of it, with equality, order, range and pages', async () => {
      await fill({
        a: { owner: 'x', rank: 1, marks: ['red', 'blue'] },
        b: { owner: 'y', rank: 2, marks: ['red', 'red'] },
        c: { owner: 'x', rank: 3, marks: ['redder', 'blue'] },
        d: { owner: 'x', rank: 3, marks: ['red'] },
        empty: { owner: 'x', rank: 4, marks: [] },
        nothing: { owner: 'x', rank: 4, marks: null },
        absent: { owner: 'x', rank: 4 },
        text: { owner: 'x', rank: 4, marks: 'red' },
        other: { owner: 'x', rank: 4, marks: [1, true, { red: 'red' }] },
        unordered: { owner: 'x', marks: ['red'] },
        astral: { owner: '1', rank: 5, marks: ['\ud83d\ude00', 'a"b', "a'b"] },
      });
      const red = { list: 'marks', text: 'red' };
      const order = (direction: 'asc' | 'desc' = 'asc') => ({ field: 'rank', direction });
      expect(await find({ contains: red, order: order() })).toEqual(['a', 'b', 'd']);
      expect(await find({ contains: red, order: order('desc') })).toEqual(['d', 'b', 'a']);
      expect(await find({ contains: red, where: { owner: 'x' }, order: order() })).toEqual(['a', 'd']);
      expect(await find({ contains: red, order: order(), range: { gt: 1 } })).toEqual(['b', 'd']);
      expect(await find({ contains: { list: 'marks', text: 'blue' }, order: order() })).toEqual(['a', 'c']);
      for (const text of ['', '1', 'true', 're', 'Red'])
        expect(await find({ contains: { list: 'marks', text }, order: order() })).toEqual([]);
      for (const text of ['\ud83d\ude00', 'a"b', "a'b"])
        expect(await find({ contains: { list: 'marks', text }, order: order() })).toEqual(['astral']);
      expect(await allPages(store(), { contains: red, order: order('desc'), limit: 1 })).toEqual(['d', 'b', 'a']);
      const cursor = (await store().query(items, { contains: red, order: order(), limit: 1 })).next ?? '';
      const another = { contains: { list: 'marks', text: 'blue' }, order: order(), limit: 1, cursor };
      await expect(store().query(items, another)).rejects.toBeInstanceOf(BadCursor);
    });

    it('follows a list that changes, and whatever else its index has', async () => {
      const red = { list: 'marks', text: 'red' };
      const order = { field: 'rank', direction: 'asc' } as const;
      const found = () => find({ contains: red, where: { owner: 'x' }, order });
      await store().put(items, 'a', { owner: 'x', rank: 1, marks: ['red'] });
      await store().put(items, 'b', { owner: 'y', rank: 2, marks: ['red'] });
      expect(await found()).toEqual(['a']);
      await store().put(items, 'b', { owner: 'x', rank: 0, marks: ['red'] });
      expect(await found()).toEqual(['b', 'a']);
      await store().transaction(async (tx) => {
        expect(idsOf((await tx.query(items, { contains: red, order, limit: 9 })).docs)).toEqual(['b', 'a']);
        tx.put(items, 'a', { owner: 'x', rank: 1, marks: ['blue'] });
        tx.delete(items, 'b');
        tx.create(items, 'c', { owner: 'x', rank: 3, marks: ['red'] });
      });
      expect(await found()).toEqual(['c']);
    });

    it('pages through everything once: ties, both directions, with and without order', async () => {
      const docs = Array.from({ length: 23 }, (_, n) => [
        `id${String(n).padStart(2, '0')}`,
        { owner: 'x', rank: n % 4 },
      ]);
      await fill(Object.fromEntries(docs));
      for (const limit of [1, 3, 22, 23, 24]) {
        for (const direction of ['asc', 'desc'] as const) {
          const query: Query = { where: { owner: 'x' }, order: { field: 'rank', direction }, limit };
          const whole = idsOf((await store().query(items, { ...query, limit: 1000 })).docs);
          expect(await allPages(store(), query)).toEqual(whole);
          expect(whole).toHaveLength(23);
          const bounded = { ...query, range: { gte: 1, lt: 3 } };
          expect(await allPages(store(), bounded)).toHaveLength(12);
        }
        expect(await allPages(store(), { where: { owner: 'x' }, limit })).toHaveLength(23);
        expect(await allPages(store(), { limit, range: { gte: 'id05' } })).toHaveLength(18);
      }
    });

    it('says that there may be more, and that there is none after a page that is not full', async () => {
      await fill({ a: { rank: 1 }, b: { rank: 2 } });
      const order = { field: 'rank', direction: 'asc' } as const;
      expect((await store().query(items, { order, limit: 3 })).next).toBeNull();
      expect((await store().query(items, { order, limit: 1 })).next).not.toBeNull();
      // Whether something follows a full page need not be looked at: then the page after it is empty.
      const { next } = await store().query(items, { order, limit: 2 });
      if (next !== null)
        expect(await store().query(items, { order, limit: 2, cursor: next })).toEqual({ docs: [], next: null });
      expect(await store().query(items, { order, range: { gt: 5 }, limit: 1 })).toEqual({ docs: [], next: null });
    });

    it('neither repeats nor skips what was there all the time, while others come and go', async () => {
      const stay = Array.from({ length: 20 }, (_, n) => `stay${String(n).padStart(2, '0')}`);
      await fill(Object.fromEntries(stay.map((id, n) => [id, { rank: n % 3 }])));
      for (const direction of ['asc', 'desc'] as const) {
        let round = 0;
        const found = await allPages(store(), { order: { field: 'rank', direction }, limit: 3 }, async () => {
          round += 1;
          await store().put(items, `come${direction}${round}`, { rank: round % 3 });
          await store().delete(items, `come${direction}${round - 2}`);
        });
        expect(found.filter((id) => id.startsWith('stay')).sort()).toEqual(stay);
        expect(new Set(found).size).toBe(found.length);
      }
    });

    it('goes on where the cursor says although the range follows the clock or its document is gone', async () => {
      await fill({ a: { rank: 1 }, b: { rank: 2 }, c: { rank: 3 }, d: { rank: 4 } });
      const order = { field: 'rank', direction: 'asc' } as const;
      const first = await store().query(items, { order, range: { lte: 3 }, limit: 2 });
      await store().delete(items, 'b');
      const cursor = first.next ?? '';
      expect(await find({ order, range: { lte: 4 }, cursor })).toEqual(['c', 'd']);
      expect(await find({ order, range: { gt: 3 }, cursor })).toEqual(['d']);
      expect(await find({ order, range: { lt: 2 }, cursor })).toEqual([]);
      const down = { field: 'rank', direction: 'desc' } as const;
      const last = await store().query(items, { order: down, limit: 1 });
      expect(await find({ order: down, range: { lt: 3 }, cursor: last.next ?? '' })).toEqual(['a']);
    });

    it('refuses a cursor that is damaged or of another query', async () => {
      await fill({ a: { rank: 1, owner: 'x' }, b: { rank: 2, owner: 'x' } });
      const order = { field: 'rank', direction: 'asc' } as const;
      const cursor = (await store().query(items, { order, limit: 1 })).next ?? '';
      const wrong: Query[] = [
        { order: { field: 'rank', direction: 'desc' }, limit: 1, cursor },
        { where: { owner: 'x' }, order, limit: 1, cursor },
        { limit: 1, cursor },
        { order, limit: 1, cursor: '' },
        { order, limit: 1, cursor: 'nonsense' },
        { order, limit: 1, cursor: cursor.slice(0, -5) },
        { order, limit: 1, cursor: Buffer.from('[1,2,3]').toString('base64url') },
      ];
      for (const query of wrong) await expect(store().query(items, query)).rejects.toBeInstanceOf(BadCursor);
    });

    it('refuses a limit outside 1 to 1000, and gives up to 1000 at once', async () => {
      for (const limit of [0, -1, 1001, 1.5, Number.NaN]) {
        await expect(store().query(items, { limit })).rejects.toBeInstanceOf(RangeError);
      }
      await Promise.all(Array.from({ length: 1001 }, (_, n) => store().put(items, `i${n}`, { rank: n })));
      const page = await store().query(items, { order: { field: 'rank', direction: 'asc' }, limit: 1000 });
      expect(page.docs).toHaveLength(1000);
      expect(page.next).not.toBeNull();
    });

    it('refuses a query without its index and names the index', async () => {
      const wrong: Omit<Query, 'limit'>[] = [
        { where: { n: 1 } },
        { where: { owner: 'x', tag: 1 } },
        { order: { field: 'n', direction: 'asc' } },
        { where: { active: true }, order: { field: 'rank', direction: 'asc' } },
        { where: { rank: 1 }, order: { field: 'owner', direction: 'asc' } },
      ];
      for (const query of wrong) {
        const needed = JSON.stringify([
          ...Object.keys(query.where ?? {}).sort(),
          ...(query.order ? [query.order.field] : []),
        ]);
        await expect(store().query(items, { limit: 1, ...query })).rejects.toThrow(needed);
      }
    });

    it('refuses what no driver could run alike', async () => {
      const order = { field: 'rank', direction: 'asc' } as const;
      const wrong: Omit<Query, 'limit'>[] = [
        { where: { rank: 1 }, order },
        { where: { tag: Number.NaN } },
        { order, range: { gt: 1, gte: 1 } },
        { order, range: { gt: 1, lt: 'a' } },
        { range: { gt: 1 } },
        { where: { "x') --": 1 } },
        { where: { marks: 'red' }, order },
        { contains: { list: 'owner', text: 'x' }, order },
        { contains: { list: 'marks', text: 1 as never }, order },
        { contains: { list: 'marks', text: 'red' } },
      ];
      for (const query of wrong)
        await expect(store().query(items, { limit: 1, ...query })).rejects.toBeInstanceOf(TypeError);
    });
  });
};
