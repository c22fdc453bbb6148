import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { iso } from '#ports/clock.ts';
import { intents, places } from '../model/collections.ts';
import type { IntentDoc } from '../model/docs.ts';
import { sweepDue } from './pages.ts';

const START = Date.parse('2026-03-16T10:00:00.000Z');

/** A world with `count` intents, due one each second before now, the first due first. */
const opened = async (count: number, at = (i: number) => START - (count - i) * 1_000) => {
  const heard: string[] = [];
  const world = openIdeal(START, {}, heard);
  for (let i = 0; i < count; i++) {
    const id = `int-${String(i).padStart(3, '0')}`;
    const intent: IntentDoc = {
      ...{ id, kind: 'provision', session_id: 'ses-1', generation: 1, attempt: 1, last_error: null },
      ...{ created_at: iso(START), next_at: iso(at(i)) },
    };
    await world.deps.store.put(intents, id, intent);
  }
  /** Sweeps pages of two, each of which takes `takes` milliseconds, and says what was worked on. */
  const sweep = async (takes = 0, work: (ids: readonly string[]) => Promise<void> = async () => undefined) => {
    const pages: string[][] = [];
    const due = { job: 'test', collection: intents, field: 'next_at', until: iso(START), page: 2 } as const;
    const found = await sweepDue(world.deps, due, async (docs) => {
      const ids = docs.map(({ id }) => id);
      pages.push(ids);
      world.pass(takes);
      await work(ids);
    });
    expect(found).toBe(pages.flat().length);
    return pages.flat().map((id) => Number(id.slice('int-'.length)));
  };
  const place = () => world.documents.all(places).map(({ from }) => from);
  return { sweep, place, heard, remove: (id: string) => world.deps.store.delete(intents, id), reads: world.reads };
};

const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, i) => from + i);

it('works off all that is due, each once, and keeps no place', async () => {
  const { sweep, place } = await opened(7);
  expect(await sweep()).toEqual(upTo(7));
  expect(place()).toEqual([]);
});

it('leaves what is not due yet', async () => {
  const { sweep } = await opened(5, (i) => START + (i - 2) * 1_000);
  expect(await sweep()).toEqual([0, 1, 2]);
});

it('works off what its work takes away', async () => {
  const { sweep, remove } = await opened(7);
  expect(await sweep(0, async (ids) => void (await Promise.all(ids.map(remove))))).toEqual(upTo(7));
  expect(await sweep()).toEqual([]);
});

it('keeps its place when its time is over, and goes on there in the next run', async () => {
  const { sweep, place } = await opened(6);
  // Two pages fit: after each of them the run is looked at, and 40 s are its limit.
  expect(await sweep(21_000)).toEqual([0, 1, 2]);
  expect(place()).toEqual([iso(START - 4_000)]);
  // The last one found is looked at again: more may be due at its instant.
  expect(await sweep(21_000)).toEqual([2, 3, 4]);
  expect(await sweep(21_000)).toEqual([4, 5]);
  expect(place()).toEqual([]);
  expect(await sweep()).toEqual(upTo(6));
});

it('reads no place where one page holds all that is due, and an old place hides nothing then', async () => {
  const { sweep, place, remove, reads } = await opened(6);
  expect(await sweep(21_000)).toEqual([0, 1, 2]);
  for (const i of [1, 2, 3, 4, 5]) await remove(`int-00${i}`);
  reads.trips();
  expect(await sweep()).toEqual([0]);
  expect(reads.trips().documents).toEqual(['read intents']);
  // The next time that there is more, a run begins at the old place, and the one after it with the first.
  expect(place()).toEqual([iso(START - 4_000)]);
});

it('lets what fails again and again keep none of the others waiting', async () => {
  const { sweep, remove } = await opened(8);
  // The first five stay due, as their work fails; the others are done.
  const done: number[] = [];
  const work = async (ids: readonly string[]) => {
    for (const id of ids.filter((each) => each >= 'int-005')) {
      done.push(Number(id.slice('int-'.length)));
      await remove(id);
    }
  };
  for (let run = 0; run < 4; run++) await sweep(21_000, work);
  expect(done).toEqual([5, 6, 7]);
});

it('goes on behind a page whose work fails, which is due again', async () => {
  const { sweep, remove, heard } = await opened(5);
  const work = async (ids: readonly string[]) => {
    if (ids.includes('int-001')) throw new Error('this page can not be worked off');
    await Promise.all(ids.map(remove));
  };
  expect(await sweep(0, work)).toEqual(upTo(5));
  expect(heard).toEqual(['a page could not be worked off; the next run tries again']);
  expect(await sweep()).toEqual([0, 1]);
});

it('stops after a hundred pages, however fast they are, and keeps its place', async () => {
  const { sweep, place } = await opened(120);
  expect(await sweep()).toEqual(upTo(101));
  expect(place()).toEqual([iso(START - 20_000)]);
  expect(await sweep()).toEqual(upTo(120, 100));
});

it('comes to an end where more is due at one instant than a page holds', async () => {
  const { sweep, remove } = await opened(3, () => START - 1_000);
  expect(await sweep(0, async (ids) => void (await Promise.all(ids.map(remove))))).toEqual([0, 1, 2]);
  const stuck = await opened(3, () => START - 1_000);
  expect(await stuck.sweep()).toEqual([0, 1]);
  expect(stuck.place()).toEqual([]);
  // What fell due later is not hidden by what fails at one instant.
  const later = await opened(6, (i) => (i < 3 ? START - 5_000 : START - i));
  expect((await later.sweep()).toSorted()).toEqual([0, 1, 3, 4, 5]);
});
