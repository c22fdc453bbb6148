import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { iso } from '#ports/clock.ts';
import { places } from '../model/collections.ts';
import { walkSample } from './sample.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const MINUTE = 60_000;
const old = Array.from({ length: 600 }, (_, i) => `key-${String(i).padStart(3, '0')}`);

/** Rounds over old keys, and which of them each round read. */
const opened = (keys: readonly string[] = old, created_at: number | null = 0) => {
  const world = openIdeal(START);
  /** @param pass how long each step takes */
  const round = async (pass = 0, broken = false): Promise<readonly string[]> => {
    const seen: string[] = [];
    const of = (key: string) => ({ key, created_at, always: false });
    await walkSample(world.deps, 'job', keys, of, async (step) => {
      if (broken) throw new Error('the store is busy');
      seen.push(...step);
      world.pass(pass);
    }).catch((error: unknown) => {
      if (!broken) throw error;
    });
    return seen;
  };
  return { world, round };
};

it('reads each old one once in an hour of rounds, and nothing twice in a minute', async () => {
  const { world, round } = opened();
  const seen: string[] = [];
  for (let minute = 0; minute < 60; minute++) {
    seen.push(...(await round()));
    expect(await round()).toEqual([]);
    world.pass(MINUTE);
  }
  expect(seen.toSorted()).toEqual(old);
});

it('reads at the next round what the minutes between were for', async () => {
  const whole = opened();
  const parts: string[] = [];
  await whole.round();
  for (let minute = 0; minute < 7; minute++) {
    whole.world.pass(MINUTE);
    parts.push(...(await whole.round()));
  }
  const { world, round } = opened();
  await round();
  // The process is down for six rounds.
  world.pass(7 * MINUTE);
  const made = await round();
  expect(made.toSorted()).toEqual(parts.toSorted());
  expect(made.length).toBeLessThan(old.length / 4);
  world.pass(MINUTE);
  expect((await round()).some((key) => made.includes(key))).toBe(false);
});

it('reads in the next round what one that failed was for', async () => {
  const { world, round } = opened();
  await round();
  world.pass(MINUTE);
  await round(0, true);
  world.pass(MINUTE);
  const made = await round();
  const { world: other, round: whole } = opened();
  await whole();
  other.pass(2 * MINUTE);
  expect(made).toEqual(await whole());
});

it('reads each one once after more than an hour without a round, and a clock that was far ahead stops nothing', async () => {
  for (const ms of [5 * 60 * MINUTE, -24 * 60 * MINUTE]) {
    const { world, round } = opened();
    await round();
    world.pass(ms);
    expect((await round()).toSorted()).toEqual(old);
    expect(await round()).toEqual([]);
  }
});

it('goes on where its time was over, in the middle of a minute too', async () => {
  // Of 24,000 keys a minute has some four hundred.
  const many = Array.from({ length: 24_000 }, (_, i) => `key-${String(i).padStart(5, '0')}`);
  const { world, round } = opened(many);
  await round();
  world.pass(MINUTE);
  const expected = opened(many);
  await expected.round();
  expected.world.pass(MINUTE);
  const all = await expected.round();
  expect(all.length).toBeGreaterThan(300);
  // Each step takes 25 s: two in a round. Within the minute, so that none is added.
  const seen: string[] = [];
  let rounds = 0;
  while (seen.length < all.length) {
    const made = await round(25_000);
    world.pass(-25_000 * Math.ceil(made.length / 100));
    expect(made.length).toBeLessThanOrEqual(200);
    seen.push(...made);
    rounds += 1;
  }
  expect(seen).toEqual(all);
  expect(rounds).toBeGreaterThan(1);
  expect(await round()).toEqual([]);
  expect(world.documents.all(places)).toEqual([{ from: iso(START + MINUTE) }]);
});

it('reads the young in each round, and all of them in a standalone deployment', async () => {
  const young = opened(old, START - 5 * MINUTE);
  expect((await young.round()).toSorted()).toEqual(old);
  expect((await young.round()).toSorted()).toEqual(old);
  young.world.pass(5 * MINUTE);
  expect((await young.round()).length).toBeLessThan(old.length / 4);
  const unknown = opened(old, null);
  unknown.world.pass(60 * MINUTE);
  expect((await unknown.round()).length).toBe(old.length);
});
