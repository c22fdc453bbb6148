import { expect, it } from 'vitest';
import { Documents } from '../../../test/simulation/doubles/documents.ts';
import { simulatedStore } from '../../../test/simulation/doubles/store.ts';
import { Problem } from '#contract/errors.ts';
import { AlreadyExists, type Collection, type Store, StoreBusy, StoreFull } from '#ports/store.ts';
import type { Draft } from './draft.ts';
import { createLanes } from './lanes.ts';

const notes: Collection<{ readonly n: number }> = { name: 'notes', indexes: [] };

/** Lanes over a store of notes, and the ids that each of its commits wrote. */
const opened = () => {
  const documents = new Documents([notes]);
  const commits: string[][] = [];
  documents.observe((changes) => void commits.push(changes.map(({ id }) => id)));
  const link = { reach: async <R>(_: string, effect: () => R) => effect(), pause: async () => undefined };
  const real = simulatedStore(documents, { ...link, tries: 3, watch: false, looks: () => true, copies: false });
  const before: ((transaction: number) => void | Promise<void>)[] = [];
  let transactions = 0;
  const store: Store = {
    ...real,
    transaction: async (fn) => {
      transactions += 1;
      for (const hook of before) await hook(transactions);
      return real.transaction(fn);
    },
  };
  return {
    store,
    lanes: createLanes(store),
    commits,
    transactions: () => transactions,
    /** Runs before each transaction, which is counted from 1. */
    before: (hook: (transaction: number) => void | Promise<void>) => void before.push(hook),
    kept: () => documents.all(notes).map(({ n }) => n),
  };
};

const note = (n: number) => async (draft: Draft) => {
  draft.create(notes, `note-${n}`, { n });
  return n;
};

const refuse = (n: number) => async (draft: Draft) => {
  draft.create(notes, `note-${n}`, { n });
  throw new Problem('quota_exceeded', `no ${n}`);
};

const crash = (n: number) => async (draft: Draft) => {
  draft.create(notes, `note-${n}`, { n });
  throw new TypeError(`broken ${n}`);
};

/** What each came to: its value, or its error’s message. */
const verdicts = async (parts: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(parts)).map((part) =>
    part.status === 'fulfilled' ? part.value : (part.reason as Error).message,
  );

it('puts calls of one owner that arrive together into one transaction, in their order', async () => {
  const { lanes, commits } = opened();
  const count = async (draft: Draft) => {
    const n = ((await draft.get(notes, 'sum'))?.n ?? 0) + 1;
    draft.put(notes, 'sum', { n });
    return n;
  };
  expect(await Promise.all([1, 2, 3].map(() => lanes.add('ann', count)))).toEqual([1, 2, 3]);
  expect(commits).toEqual([['sum']]);
});

it('has a lane for each owner, and none waits for another', async () => {
  const { lanes, commits, before } = opened();
  const gate = Promise.withResolvers<void>();
  before((transaction) => (transaction === 1 ? gate.promise : undefined));
  const ann = lanes.add('ann', note(1));
  expect(await lanes.add('bob', note(2))).toBe(2);
  expect(commits).toEqual([['note-2']]);
  gate.resolve();
  expect(await ann).toBe(1);
});

it('takes what arrives during a commit into the next one', async () => {
  const { lanes, commits, before } = opened();
  const later: Promise<number>[] = [];
  before((transaction) => {
    if (transaction === 1) later.push(lanes.add('ann', note(2)), lanes.add('ann', note(3)));
  });
  await lanes.add('ann', note(1));
  expect(await Promise.all(later)).toEqual([2, 3]);
  expect(commits).toEqual([['note-1'], ['note-2', 'note-3']]);
});

it('gives each part a verdict of its own: what is refused writes nothing, and the others are kept', async () => {
  const { lanes, commits, transactions } = opened();
  const parts = [lanes.add('ann', note(1)), lanes.add('ann', refuse(2)), lanes.add('ann', note(3))];
  expect(await verdicts(parts)).toEqual([1, 'no 2', 3]);
  await expect(parts[1]).rejects.toMatchObject({ code: 'quota_exceeded' });
  expect(commits).toEqual([['note-1', 'note-3']]);
  expect(transactions()).toBe(1);
});

it('keeps nobody from their turn when a part breaks', async () => {
  const { lanes, kept } = opened();
  const parts = [note(1), crash(2), refuse(3), note(4)].map((part) => lanes.add<unknown>('ann', part));
  expect(await verdicts(parts)).toEqual([1, 'broken 2', 'no 3', 4]);
  await expect(parts[1]).rejects.toBeInstanceOf(TypeError);
  expect(kept()).toEqual([1, 4]);
});

it('keeps nobody from their turn when a part breaks the commit', async () => {
  const { lanes, kept } = opened();
  await lanes.add('ann', note(2));
  const parts = [note(1), note(2), note(3)].map((part) => lanes.add('ann', part));
  expect(await verdicts(parts)).toEqual([1, 'notes/note-2 already exists', 3]);
  await expect(parts[1]).rejects.toBeInstanceOf(AlreadyExists);
  expect(kept()).toEqual([2, 1, 3]);
});

it.each([new StoreBusy('busy'), new StoreFull('full')])(
  'rejects all that wait for a commit at once when the store is not able: $name',
  async (error) => {
    const { lanes, before, transactions, kept } = opened();
    before((transaction) => {
      if (transaction === 1) throw error;
    });
    const parts = [note(1), note(2), note(3)].map((part) => lanes.add('ann', part));
    for (const part of parts) await expect(part).rejects.toBe(error);
    expect(transactions()).toBe(1);
    expect(kept()).toEqual([]);
    expect(await lanes.add('ann', note(4))).toBe(4);
  },
);

it('leaves an error of the store to the store, which runs the whole transaction again', async () => {
  const conflict = new Error('somebody else was faster');
  const { store, kept } = opened();
  const runs: string[] = [];
  const retrying: Store = {
    ...store,
    transaction: async (fn) => {
      try {
        return await store.transaction(fn);
      } catch (error) {
        if (error !== conflict) throw error;
        return store.transaction(fn);
      }
    },
  };
  const lanes = createLanes(retrying);
  const first = lanes.add('ann', (draft) => {
    runs.push('first');
    return note(1)(draft);
  });
  const second = lanes.add('ann', async (draft) => {
    runs.push('second');
    if (runs.length === 2) throw conflict;
    return note(2)(draft);
  });
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(runs).toEqual(['first', 'second', 'first', 'second']);
  expect(kept()).toEqual([1, 2]);
});

it.each([
  { weights: [200, 200, 200], batches: [2, 1] },
  { weights: [300, 200, 1], batches: [2, 1] },
  { weights: [1, 900, 1], batches: [1, 1, 1] },
  { weights: Array.from({ length: 101 }, () => undefined), batches: [100, 1] },
])('bounds a transaction by the weight of its parts: $batches', async ({ weights, batches }) => {
  const { lanes, commits } = opened();
  const values = await Promise.all(weights.map((weight, n) => lanes.add('ann', note(n), weight)));
  expect(values).toEqual(weights.map((_, n) => n));
  expect(commits.map((ids) => ids.length)).toEqual(batches);
});
