import { expect, it } from 'vitest';
import { places } from '../model/collections.ts';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { walkFrom } from './pages.ts';

const keys = Array.from({ length: 450 }, (_, i) => `key-${String(i).padStart(3, '0')}`);

it('walks over a list in steps, goes on where its time was over, and comes round to all of it', async () => {
  const world = openIdeal(0);
  const seen: string[] = [];
  const walk = (minutes_each: number) =>
    walkFrom(
      world.deps,
      'job',
      keys.toReversed(),
      (key) => key,
      async (step) => {
        seen.push(...step);
        world.pass(minutes_each * 60_000);
      },
    );
  await walk(1);
  expect(seen).toEqual(keys.slice(0, 100));
  expect(world.documents.all(places)).toEqual([{ from: 'key-100' }]);
  for (let run = 0; run < 4; run++) await walk(1);
  expect(new Set(seen)).toEqual(new Set(keys));
  // One that has the time begins at its place too, and does all of it.
  seen.length = 0;
  await walk(0);
  expect(seen.toSorted()).toEqual(keys);
  expect(world.documents.all(places)).toEqual([]);
});

it('reads no place for a list of one step, and nothing for an empty one', async () => {
  const world = openIdeal(0);
  await walkFrom(
    world.deps,
    'job',
    keys.slice(0, 100),
    (key) => key,
    async () => undefined,
  );
  await walkFrom(
    world.deps,
    'job',
    [],
    (key: string) => key,
    async () => expect.unreachable(),
  );
  expect(world.reads.trips()).toMatchObject({ reads: 0, writes: 0 });
});
