import fc from 'fast-check';
import type { Doc, Page, Query, Store, Transaction, Version } from '#ports/store.ts';
import { type Item, items } from './fixture.ts';

/** A call of a store, by names instead of values that only one store has. */
export type Step =
  | { readonly do: 'get' | 'delete' | 'delete at' | 'delete at old'; readonly id: string }
  | { readonly do: 'get many'; readonly ids: readonly string[] }
  | { readonly do: 'create' | 'put' | 'put at' | 'put at old'; readonly id: string; readonly data: Item }
  | { readonly do: 'query'; readonly query: Query }
  | {
      readonly do: 'transaction';
      readonly reads: readonly Step[];
      readonly writes: readonly Step[];
      readonly throws: boolean;
    };

const id = fc.constantFrom('a', 'b', 'c', 'ü', 'A', 'a b', '%', '~', '10', '9', 'a ', '__a', '\u2028');
const owner = fc.constantFrom('ann', 'bob', '');
const rank = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(-0, 0.5, -0.5, 1e21, -1e300, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER, -1e-7),
  fc.constantFrom('', 'a', 'ü', 'B', '10', '9', '\u{1f600}', '\uffee', 'a\u0000', 'a\u0000b'),
  fc.constant(null),
);
const data: fc.Arbitrary<Item> = fc.record(
  {
    owner,
    rank,
    active: fc.boolean(),
    n: fc.integer({ min: 0, max: 3 }),
    place: fc.record({ zone: fc.constantFrom('x', 'y') }),
    marks: fc.oneof(fc.array(fc.constantFrom('m', 'ü'), { maxLength: 3 }), fc.constantFrom('m', null, 1)),
    tag: fc.oneof(rank, fc.boolean(), fc.constant({ deep: [1, 'two', null, { three: [] }] }), fc.constant([])),
  },
  { requiredKeys: [] },
);
const direction = fc.constantFrom('asc', 'desc');
const numbers = fc.constantFrom(-1, 0, 0.5, 2);
const texts = fc.constantFrom('', 'a', 'B', 'ü');
const bounds = (value: fc.Arbitrary<string | number>) =>
  fc.oneof(
    fc.constant({}),
    value.map((gt) => ({ gt })),
    value.map((gte) => ({ gte })),
    value.map((lt) => ({ lt })),
    value.map((lte) => ({ lte })),
    fc.tuple(value, value).map(([gte, lt]) => ({ gte, lt })),
  );
const limit = fc.integer({ min: 1, max: 4 });
const ordered = (where: fc.Arbitrary<Query['where']>, field: string): fc.Arbitrary<Query> =>
  fc
    .record({ where, direction, range: fc.oneof(bounds(numbers), bounds(texts)), limit })
    .map(({ where: given, direction: way, range, limit: most }) => ({
      ...(given === undefined ? {} : { where: given }),
      order: { field, direction: way as 'asc' | 'desc' },
      range,
      limit: most,
    }));
const query: fc.Arbitrary<Query> = fc.oneof(
  ordered(fc.constant(undefined), 'rank'),
  ordered(fc.record({ owner }), 'rank'),
  ordered(fc.record({ active: fc.boolean(), owner }), 'rank'),
  ordered(fc.record({ 'place.zone': fc.constantFrom('x', 'y') }), 'n'),
  fc
    .tuple(ordered(fc.constantFrom(undefined, { owner: 'ann' }), 'rank'), fc.constantFrom('m', 'ü', 'z'))
    .map(([asked, text]) => ({ ...asked, contains: { list: 'marks', text } })),
  fc.record({ where: fc.record({ owner }), limit }),
  fc.record({ range: bounds(fc.constantFrom('a', 'ü', '9')) as fc.Arbitrary<{ gt?: string }>, limit }),
);

const read: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('get' as const), id }),
  fc.record({ do: fc.constant('get many' as const), ids: fc.array(id, { maxLength: 3 }) }),
  fc.record({ do: fc.constant('query' as const), query }),
);
const plainWrite: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('create' as const, 'put' as const), id, data }),
  fc.record({ do: fc.constant('delete' as const), id }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: plainWrite },
  { weight: 3, arbitrary: read },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('put at' as const, 'put at old' as const), id, data }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('delete at' as const, 'delete at old' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('transaction' as const),
      reads: fc.array(read, { maxLength: 3 }),
      writes: fc.array(plainWrite, { maxLength: 4 }),
      throws: fc.boolean(),
    }),
  },
);
export const program: fc.Arbitrary<readonly Step[]> = fc.array(step, { minLength: 5, maxLength: 25 });

/** What a document says to a caller; versions are each store's own. */
const shown = (doc: Doc<unknown> | null): unknown => doc && [doc.id, doc.data];

type Reads = Pick<Store | Transaction, 'get' | 'getMany' | 'query'>;

/** All pages, since where a page ends each store may say sooner or later. */
const pages = async (store: Reads, asked: Query): Promise<unknown> => {
  const found: unknown[] = [];
  for (let cursor: string | null = null; ; ) {
    const { docs, next }: Page<Item> = await store.query(items, { ...asked, ...(cursor === null ? {} : { cursor }) });
    found.push(...docs.map(shown));
    if (next === null) return found;
    cursor = next;
  }
};

const readWith = async (store: Reads, asked: Step): Promise<unknown> => {
  if (asked.do === 'get') return shown(await store.get(items, asked.id));
  if (asked.do === 'get many') return (await store.getMany(items, asked.ids)).map(shown);
  if (asked.do === 'query') return pages(store, asked.query);
  throw new Error(`${asked.do} is no read`);
};

class Changed extends Error {
  override readonly name = 'Changed';
}

/** Runs a program, and answers what came of each step. */
export const run = async (store: Store, steps: readonly Step[]): Promise<readonly unknown[]> => {
  /** The versions that each document had, the latest last. */
  const versions = new Map<string, Version[]>();
  const versionOf = async (at: string, old: boolean): Promise<Version> => {
    const known = versions.get(at) ?? [];
    if (old) return known[0] ?? 'none';
    return (await store.get(items, at))?.version ?? known.at(-1) ?? 'none';
  };
  let number = 0;
  /** No two steps write the same: after a write that changes nothing a store may keep the version or give another. */
  const marked = (given: Item): Item => ({ ...given, note: number });
  const doStep = async (each: Step): Promise<unknown> => {
    switch (each.do) {
      case 'create':
        return store.create(items, each.id, marked(each.data));
      case 'put':
        return store.put(items, each.id, marked(each.data));
      case 'put at':
      case 'put at old':
        return store.put(items, each.id, marked(each.data), await versionOf(each.id, each.do === 'put at old'));
      case 'delete':
        return store.delete(items, each.id);
      case 'delete at':
      case 'delete at old':
        return store.delete(items, each.id, await versionOf(each.id, each.do === 'delete at old'));
      case 'transaction':
        return store.transaction(async (tx) => {
          const seen: unknown[] = [];
          for (const asked of each.reads) seen.push(await readWith(tx, asked));
          for (const write of each.writes) {
            if (write.do === 'create') tx.create(items, write.id, marked(write.data));
            else if (write.do === 'put') tx.put(items, write.id, marked(write.data));
            else if (write.do === 'delete') tx.delete(items, write.id);
          }
          if (each.throws) throw new Changed('changed my mind');
          return seen;
        });
      default:
        return readWith(store, each);
    }
  };
  const answers: unknown[] = [];
  for (const each of steps) {
    number += 1;
    const touched = 'id' in each ? await store.get(items, each.id) : null;
    if (touched) versions.set(touched.id, [...(versions.get(touched.id) ?? []), touched.version]);
    answers.push(
      await doStep(each).then(
        (answer) => ['ok', answer ?? null],
        (error: unknown) => ['error', (error as Error).name],
      ),
    );
  }
  return [...answers, await pages(store, { limit: 1000 })];
};
