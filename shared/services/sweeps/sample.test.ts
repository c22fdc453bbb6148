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
  const heard: string[] = [];
  const world = openIdeal(START, {}, heard);
  /** @param pass how long each step takes */
  const round = async (pass = 0, broken = false): Promise<readonly string[]> => {
    const seen: string[] = [];
    const of = (key: string) => ({ key, created_at, always: false });
    await walkSample(world.deps, 'job', keys, of, async (step) => {
      if (broken) throw new Error('the store is busy');
      seen.push(...step);
      world.pass(pass);
    });
    if (!broken) expect(heard.splice(0)).toEqual([]);
    return seen;
  };
  return { world, round, heard };
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

it('writes its place in the minutes for which a key is due, and in no other', async () => {
  const keys = old.slice(0, 3);
  const { world, round } = opened(keys);
  const minutes: number[] = [];
  for (let minute = 0; minute < 120; minute++) {
    world.reads.trips();
    const seen = await round();
    expect(world.reads.trips().writes).toBe(seen.length > 0 ? 1 : 0);
    for (const _ of seen) minutes.push(minute);
    world.pass(MINUTE);
  }
  // Each twice, an hour apart.
  expect(minutes.slice(keys.length)).toEqual(minutes.slice(0, keys.length).map((minute) => minute + 60));
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
  const { world, round, heard } = opened();
  await round();
  world.pass(MINUTE);
  await round(0, true);
  expect(heard.splice(0)).toEqual(['no resource could be compared with its record; a later round tries again']);
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
  const most = Array.from({ length: 24_000 }, (_, i) => `key-${String(i).padStart(5, '0')}`);
  const { world, round } = opened(most);
  await round();
  world.pass(MINUTE);
  const expected = opened(most);
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

/** Many keys, of which each step in a round takes 45 s: one step is done in each. */
const many = Array.from({ length: 2_400 }, (_, i) => `key-${String(i).padStart(4, '0')}`);

it('reads every key in its turn although it is hours behind, and is done with the hour once it is not', async () => {
  const { world, round } = opened(many);
  // A round each 5 minutes: of a hundred keys, where the hour has 2,400.
  const inRound: ReadonlySet<string>[] = [];
  for (let i = 0; i < 75; i++) {
    inRound.push(new Set(await round(45_000)));
    world.pass(5 * MINUTE - 45_000);
  }
  // All of them in each time that it takes to go round.
  for (const from of [1, 20, 50]) {
    const turn = new Set(inRound.slice(from, from + 25).flatMap((keys) => [...keys]));
    expect(turn.size).toBe(many.length);
  }
  expect((await round()).toSorted()).toEqual(many);
  expect(await round()).toEqual([]);
});

it('keeps its place after each step, so that a process that ends in the middle of a round does none again', async () => {
  const { world, round } = opened(many);
  await round();
  world.pass(60 * MINUTE);
  const seen: string[] = [];
  const of = (key: string) => ({ key, created_at: 0, always: false });
  const before = world.written(places);
  const ended = new Promise<void>((resolve) => {
    void walkSample(world.deps, 'job', many, of, async (step) => {
      if (seen.length >= 1_000) {
        resolve();
        await new Promise(() => undefined);
      }
      seen.push(...step);
    });
  });
  await ended;
  expect(world.written(places) - before).toBe(10);
  const rest = await round();
  expect(rest.length).toBe(1_400);
  expect([...seen, ...rest].toSorted()).toEqual(many);
  // One write for each hundred that were read.
  expect(world.written(places) - before).toBe(24);
});

it.each([
  { what: 'old ones', created_at: 0 },
  { what: 'young ones', created_at: START + 24 * 60 * MINUTE },
])('lets one that always fails keep no other of the $what from its turn', async ({ created_at }) => {
  const heard: string[] = [];
  const world = openIdeal(START, {}, heard);
  const seen = new Map<string, number>();
  const of = (key: string) => ({ key, created_at, always: false });
  for (let minute = 0; minute < 60; minute++) {
    await walkSample(world.deps, 'job', old, of, async (step) => {
      if (step.includes('key-007')) throw new Error('this one can not be read');
      for (const key of step) seen.set(key, (seen.get(key) ?? 0) + 1);
    });
    world.pass(MINUTE);
  }
  expect([...seen.keys()].toSorted()).toEqual(old.filter((key) => key !== 'key-007'));
  const rounds = created_at === 0 ? 1 : 60;
  expect([...new Set(seen.values())]).toEqual([rounds]);
  expect(heard).toEqual(
    Array.from({ length: rounds }, () => 'a resource could not be compared with its record; a later round tries again'),
  );
});

it('tries again for an hour where all of a step fail, and then goes on without them', async () => {
  const ahead = opened(many);
  await ahead.round();
  ahead.world.pass(60 * MINUTE);
  // More of those that come first than a step has: nothing tells them from a store that does not answer.
  const bad = new Set((await ahead.round()).slice(0, 120));
  const { world, round, heard } = opened(many);
  await round();
  const seen = new Set<string>();
  const of = (key: string) => ({ key, created_at: 0, always: false });
  const one = async () => {
    world.pass(MINUTE);
    heard.length = 0;
    await walkSample(world.deps, 'job', many, of, async (step) => {
      if (step.some((key) => bad.has(key))) throw new Error('these can not be read');
      for (const key of step) seen.add(key);
    });
  };
  for (let minute = 0; minute < 60; minute++) {
    await one();
    expect(heard).toEqual(['no resource could be compared with its record; a later round tries again']);
  }
  expect(seen.size).toBe(0);
  await one();
  expect(seen.size).toBe(many.length - bad.size);
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
