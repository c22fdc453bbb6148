import { describe, expect, it } from 'vitest';
import type { Store, Transaction } from '#ports/store.ts';
import { COLLECTIONS, counters, items, type OpenedStore, type OpenStore } from './fixture.ts';

/** A small transaction with a pause (`turn`) before each of its steps; it answers with what it saw. */
type Program = (tx: Transaction, turn: () => Promise<void>) => Promise<unknown>;

const read = async (tx: Transaction, id: string): Promise<number> => (await tx.get(counters, id))?.data.n ?? 0;

const increment: Program = async (tx, turn) => {
  await turn();
  const n = await read(tx, 'x');
  await turn();
  tx.put(counters, 'x', { n: n + 1 });
  await turn();
  return n;
};

/** Both may only go if the other is still there: the classic skew. */
const leave =
  (mine: string, other: string): Program =>
  async (tx, turn) => {
    await turn();
    const a = await read(tx, mine);
    await turn();
    const b = await read(tx, other);
    await turn();
    if (a + b > 1) tx.put(counters, mine, { n: 0 });
    return [a, b];
  };

const copy =
  (from: string, to: string): Program =>
  async (tx, turn) => {
    await turn();
    const n = await read(tx, from);
    await turn();
    tx.put(counters, to, { n: n * 10 });
    await turn();
    return n;
  };

/** Writes a document that the other one's query would have found. */
const insertByCount =
  (id: string): Program =>
  async (tx, turn) => {
    await turn();
    const { docs } = await tx.query(items, {
      where: { owner: 'ann' },
      order: { field: 'rank', direction: 'asc' },
      limit: 9,
    });
    await turn();
    tx.put(items, id, { owner: 'ann', rank: docs.length });
    await turn();
    return docs.map((doc) => doc.id);
  };

const createOnce =
  (mark: number): Program =>
  async (tx, turn) => {
    await turn();
    const there = await tx.get(counters, 'made');
    await turn();
    if (!there) tx.create(counters, 'made', { n: mark });
    await turn();
    return there?.data.n ?? null;
  };

const removeAndRead: Program = async (tx, turn) => {
  await turn();
  const [x, y] = await tx.getMany(counters, ['x', 'y']);
  await turn();
  tx.delete(counters, 'x');
  tx.put(counters, 'y', { n: (x?.data.n ?? 0) + (y?.data.n ?? 0) });
  await turn();
  return [x?.data.n ?? null, y?.data.n ?? null];
};

const PAIRS: readonly (readonly [string, Program, Program])[] = [
  ['lost update', increment, increment],
  ['write skew', leave('x', 'y'), leave('y', 'x')],
  ['crossed copies', copy('x', 'y'), copy('y', 'x')],
  ['phantom by query', insertByCount('p'), insertByCount('q')],
  ['two creators', createOnce(1), createOnce(2)],
  ['delete under an update', removeAndRead, increment],
];

const STEPS = 3;

/** Every order of two programs' steps: texts of as many a as b. */
const interleavings = (a: number, b: number): string[] => {
  if (a === 0) return ['b'.repeat(b)];
  if (b === 0) return ['a'.repeat(a)];
  return [...interleavings(a - 1, b).map((rest) => `a${rest}`), ...interleavings(a, b - 1).map((rest) => `b${rest}`)];
};

const prepare = async (store: Store): Promise<void> => {
  for (const id of ['x', 'y']) await store.put(counters, id, { n: 1 });
  await store.delete(counters, 'made');
  for (const id of ['p', 'q']) await store.delete(items, id);
};

const outcome = async (store: Store, answers: readonly unknown[]): Promise<string> => {
  const docs = [...(await store.getMany(counters, ['x', 'y', 'made'])), ...(await store.getMany(items, ['p', 'q']))];
  return JSON.stringify([answers, docs.map((doc) => doc?.data ?? null)]);
};

const freely = async (): Promise<void> => undefined;

const serially = async (store: Store, a: Program, b: Program, aFirst: boolean): Promise<string> => {
  await prepare(store);
  const answers: unknown[] = [null, null];
  for (const which of aFirst ? [0, 1] : [1, 0]) {
    answers[which] = await store.transaction((tx) => (which === 0 ? a : b)(tx, freely));
  }
  return outcome(store, answers);
};

/** Releases one program's next step at a time; a second run of a callback goes freely. */
const stepwise = (store: Store, program: Program, held: () => Promise<void>) => {
  let open: (() => void) | null = null;
  let arrived = Promise.withResolvers<void>();
  let runs = 0;
  const turn = (): Promise<void> => {
    const gate = Promise.withResolvers<void>();
    open = gate.resolve;
    arrived.resolve();
    return gate.promise;
  };
  const answer = store.transaction((tx) => {
    runs += 1;
    return program(tx, runs === 1 ? turn : freely);
  });
  const ended = answer.then(
    () => undefined,
    () => undefined,
  );
  /** One step, up to the next pause or the end. A store that locks may keep it waiting: then the other one goes on. */
  const step = async (): Promise<void> => {
    await Promise.race([arrived.promise, ended, held()]);
    arrived = Promise.withResolvers<void>();
    open?.();
    open = null;
    await Promise.race([arrived.promise, ended, held()]);
  };
  return { answer, step, ended };
};

/** Answers of a probe after which a call that is still under way waits for a lock. */
const PROBES = 4;

const heldOf =
  ({ probe }: OpenedStore) =>
  async (): Promise<void> => {
    if (probe === undefined) await new Promise<void>((resolve) => setTimeout(resolve, 250));
    else for (let answers = 0; answers < PROBES; answers++) await probe();
  };

/** The two in this order of their steps, each `a` or `b`. */
const inOrder = async (opened: OpenedStore, a: Program, b: Program, order: string): Promise<string> => {
  const { store } = opened;
  const held = heldOf(opened);
  await prepare(store);
  const runs = { a: stepwise(store, a, held), b: stepwise(store, b, held) };
  for (const which of order) await (which === 'a' ? runs.a : runs.b).step();
  let over = false;
  const all = Promise.all([runs.a.ended, runs.b.ended]).then(() => {
    over = true;
  });
  while (!over) await Promise.race([all, runs.a.step().then(() => runs.b.step())]);
  return outcome(store, await Promise.all([runs.a.answer, runs.b.answer]));
};

/** Two transactions in every order of their steps end as if one had run after the other. */
export const interleavingTests = (open: OpenStore): void => {
  describe('interleavings', () => {
    const alone = async <R>(run: (opened: OpenedStore) => Promise<R>): Promise<R> => {
      const opened = await open(COLLECTIONS);
      try {
        return await run(opened);
      } finally {
        await opened.dispose();
      }
    };
    for (const [name, a, b] of PAIRS) {
      it(`${name}: every order of steps is as good as one after the other`, async () => {
        const good = await alone(async ({ store }) => [
          await serially(store, a, b, true),
          await serially(store, a, b, false),
        ]);
        const orders = interleavings(STEPS, STEPS);
        expect(orders).toHaveLength(20);
        // At once, each in a store of its own: a store that locks takes its time to end a deadlock.
        const ends = orders.map(async (order) => {
          const end = await alone((opened) => inOrder(opened, a, b, order));
          expect(good, order).toContain(end);
        });
        await Promise.all(ends);
      });
    }
  });
};
