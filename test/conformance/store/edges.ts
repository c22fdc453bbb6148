import { describe, expect, it } from 'vitest';
import { BadCursor, type Query } from '#ports/store.ts';
import { freshStore, idsOf, items, type OpenStore } from './fixture.ts';

/** Half of a character: Firestore’s client sends it, and the answer is one that may be tried again. */
const HALF = 'a\ud800';
/** The longest text that a query takes, and the shortest that it does not. */
const LONGEST = 'x'.repeat(1499);
const TOO_LONG = `${LONGEST}x`;
const NO_IDS = ['', '.', '..', '/', 'a/b', 'a/b/c', '__x__', '____', '__\u2028__', HALF, 'x'.repeat(1501), 'a\u0000'];

const rank = { field: 'rank', direction: 'asc' } as const;

class Point {
  readonly x = 1;
}

/** Values, ids and questions at the edge of what a store can do: kept exactly or refused, and alike by all of them. */
export const edgeTests = (open: OpenStore): void => {
  describe('edges', () => {
    const store = freshStore(open);

    it('refuses what is no value of JSON, by the path to it', async () => {
      const withHole: unknown[] = [1];
      withHole[2] = 3;
      const wrong: Readonly<Record<string, unknown>> = {
        'a bigint': 1n,
        'a bigint beyond 2^53': 2n ** 60n,
        'a symbol': Symbol('x'),
        'a function': () => 1,
        'an infinite number': Number.POSITIVE_INFINITY,
        'one below all': Number.NEGATIVE_INFINITY,
        'a list with a hole': withHole,
        'a map': new Map([['a', 1]]),
        'a set': new Set([1]),
        'an object of a class': new Point(),
        bytes: Buffer.from('x'),
        'a text as an object': Object('x'),
        'an object that says what it is as JSON': { toJSON: () => 5 },
        'a name that would be the parent of its object': JSON.parse('{"__proto__": 1}'),
        'a reserved name with an odd end of line in it': { '__\u2028__': 1 },
        'an integer beyond what a number holds exactly': -(2 ** 63) + 2048,
      };
      for (const [what, value] of Object.entries(wrong))
        for (const note of [value, { deep: [value] }])
          await expect(store().put(items, 'a', { note }), what).rejects.toThrow(/^items\/a\.note/);
      expect(await store().get(items, 'a')).toBeNull();
    });

    it('keeps exactly what is unusual, in an index and outside of one', async () => {
      const right: Readonly<Record<string, unknown>> = {
        'the greatest integer': Number.MAX_SAFE_INTEGER,
        'the least': Number.MIN_SAFE_INTEGER,
        'whole numbers far beyond all integers': [1e20, 2 ** 63, -1e300, Number.MAX_VALUE],
        'small numbers': [Number.MIN_VALUE, -1e-320, 0.1 + 0.2],
        'a text with a NUL, a mark of order, and what is no character': 'a\u0000b\ufeff\uffff\ufffd\u{10ffff}',
        'the same letter in two ways': ['é', 'e\u0301'],
        'names with all sorts of signs': {
          'a.b': 1,
          a: { b: 2 },
          '`c`': 3,
          'd/e': 4,
          '*': 5,
          '\u0000': 6,
          '\n': 7,
          ' ': 8,
        },
        'names of what every object has': { constructor: 1, toString: 2, hasOwnProperty: 3, valueType: 4, length: 5 },
        'names that are nearly reserved': { __: 1, ___: 2, __a: 3, a__: 4, ___a_: 5 },
        'empty things': ['', {}, { of: [] }],
        'an object without a parent': Object.assign(Object.create(null), { x: 1 }),
      };
      for (const [what, value] of Object.entries(right)) {
        for (const data of [{ tag: value }, { note: value }]) {
          await store().put(items, 'a', data);
          const kept = (await store().get(items, 'a'))?.data;
          expect(JSON.stringify(Object.values(kept ?? {})), what).toBe(JSON.stringify(Object.values(data)));
        }
      }
      await store().put(items, 'a', { tag: -0, note: [-0] });
      expect((await store().get(items, 'a'))?.data).toEqual({ tag: 0, note: [0] });
    });

    it('finds a text with a NUL in it as a text of its own, and in its order', async () => {
      const texts = ['a', 'a\u0000', 'a\u0000b', 'aa'];
      await Promise.all(texts.map((text, i) => store().put(items, `i${i}`, { tag: text, rank: text, marks: [text] })));
      for (const [i, text] of texts.entries()) {
        expect(idsOf((await store().query(items, { where: { tag: text }, limit: 9 })).docs)).toEqual([`i${i}`]);
        const contains = { list: 'marks', text };
        expect(idsOf((await store().query(items, { contains, order: rank, limit: 9 })).docs)).toEqual([`i${i}`]);
      }
      const above = { order: rank, range: { gt: 'a' }, limit: 9 } as const;
      expect(idsOf((await store().query(items, above)).docs)).toEqual(['i1', 'i2', 'i3']);
    });

    it('keeps every id that is none of a few, and finds it by itself', async () => {
      const ids = [
        'trail ',
        ' lead',
        ' ',
        '\u00a0',
        '~',
        '%2F',
        '__a',
        'a__',
        '___',
        '\u2028',
        '\ufeff',
        '\uffff',
        '...',
      ];
      const more = ['\u{1f600}', 'e\u0301', 'é'.repeat(750), '.a', '#', '?', '`', '"', '\\', '*', '[', 'constructor'];
      for (const id of [...ids, ...more]) {
        await store().create(items, id, { rank: 7 });
        expect(idsOf((await store().query(items, { range: { gte: id, lte: id }, limit: 9 })).docs)).toEqual([id]);
        expect(idsOf((await store().query(items, { order: rank, limit: 9 })).docs)).toEqual([id]);
        await store().delete(items, id);
      }
      for (const id of NO_IDS) {
        await expect(store().get(items, id)).rejects.toBeInstanceOf(TypeError);
        await expect(store().getMany(items, ['a', id])).rejects.toBeInstanceOf(TypeError);
        await expect(store().create(items, id, {})).rejects.toBeInstanceOf(TypeError);
        await expect(store().delete(items, id)).rejects.toBeInstanceOf(TypeError);
        await expect(store().transaction(async (tx) => tx.put(items, id, {}))).rejects.toBeInstanceOf(TypeError);
      }
    });

    it('finds the longest text that an index holds, and a cursor that ends with it leads on', async () => {
      await store().put(items, 'a', { owner: LONGEST, rank: LONGEST, marks: [LONGEST] });
      await store().put(items, 'b', { owner: LONGEST, rank: LONGEST, marks: [LONGEST] });
      const queries: readonly Query[] = [
        { where: { owner: LONGEST }, order: rank, limit: 1 },
        { order: rank, range: { gte: LONGEST, lte: LONGEST }, limit: 1 },
        { contains: { list: 'marks', text: LONGEST }, order: rank, limit: 1 },
      ];
      for (const query of queries) {
        const { docs, next } = await store().query(items, query);
        expect(idsOf(docs)).toEqual(['a']);
        expect(idsOf((await store().query(items, { ...query, cursor: next ?? '' })).docs)).toEqual(['b']);
      }
    });

    it('refuses at once to look for what no document can have', async () => {
      const order = rank;
      const wrong: readonly Omit<Query, 'limit'>[] = [
        ...[HALF, TOO_LONG, 'x'.repeat(5_000_000)].flatMap((text): Omit<Query, 'limit'>[] => [
          { where: { owner: text } },
          { where: { owner: text }, order },
          { order, range: { gt: text } },
          { order, range: { lte: text } },
          { contains: { list: 'marks', text }, order },
        ]),
        ...NO_IDS.filter((id) => id !== '').map((gt) => ({ range: { gt } })),
        ...[true, {}, [], null].map((gt) => ({ order, range: { gt: gt as never } })),
      ];
      for (const query of wrong) {
        await expect(store().query(items, { limit: 1, ...query })).rejects.toBeInstanceOf(TypeError);
        const inside = store().transaction((tx) => tx.query(items, { limit: 1, ...query }));
        await expect(inside).rejects.toBeInstanceOf(TypeError);
      }
    });

    it('takes no cursor that was made to name a place where no document can be', async () => {
      for (const id of ['a', 'b', 'c']) await store().put(items, id, { rank: id });
      const forged = async (order: Query['order'], change: (parts: readonly unknown[]) => readonly unknown[]) => {
        const query: Query = { ...(order ? { order } : {}), limit: 1 };
        const { next } = await store().query(items, query);
        const parts = JSON.parse(Buffer.from(next ?? '', 'base64url').toString()) as readonly unknown[];
        const cursor = Buffer.from(JSON.stringify(change(parts))).toString('base64url');
        return store().query(items, { ...query, cursor });
      };
      for (const id of [...NO_IDS, 1, null])
        for (const order of [undefined, rank])
          await expect(
            forged(order, ([print, value]) => [print, value, id]),
            String(id),
          ).rejects.toBeInstanceOf(BadCursor);
      for (const value of [HALF, TOO_LONG, true, null, ['a'], { a: 1 }])
        await expect(
          forged(rank, ([print, , id]) => [print, value, id]),
          String(value),
        ).rejects.toBeInstanceOf(BadCursor);
      // Another place is as good as one that it was given: it is a position, and no secret.
      expect(idsOf((await forged(rank, ([print]) => [print, 'b', 'b'])).docs)).toEqual(['c']);
    });

    it('takes no text for a version that it has not given', async () => {
      await store().put(items, 'a', { n: 1 });
      const odd = [
        '',
        ' ',
        'x',
        '0',
        '-1',
        '1e3',
        '1.5',
        'NaN',
        '9'.repeat(30),
        '0.000000000',
        '1.000001000',
        '__proto__',
      ];
      for (const version of odd) {
        for (const id of ['a', 'nothing']) {
          await expect(store().put(items, id, { n: 2 }, version), version).rejects.toMatchObject({
            name: 'VersionMismatch',
          });
          await expect(store().delete(items, id, version), version).rejects.toMatchObject({ name: 'VersionMismatch' });
        }
      }
      expect((await store().get(items, 'a'))?.data).toEqual({ n: 1 });
    });

    it('commits a thousand writes together, and reads as many', async () => {
      const ids = Array.from({ length: 1_000 }, (_, i) => `i${i}`);
      await store().transaction(async (tx) => {
        for (const [n, id] of ids.entries()) tx.create(items, id, { n });
      });
      const found = await store().getMany(items, ids);
      expect(found.map((doc) => doc?.data.n)).toEqual(ids.map((_, n) => n));
    });
  });
};
