import { beforeEach, expect, it } from 'vitest';
import { manualClock, type ManualClock } from '../../../test/api/support/manual-clock.ts';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { silentWatchStore, type SilentWatchStore } from '../../../test/support/silent-watch-store.ts';
import { StoreBusy } from '#ports/store.ts';
import type { Deps } from '../kernel/deps.ts';
import { systemCall } from '../kernel/call.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { createSession } from '../sessions/create/create.ts';
import { waitForSession } from './wait.ts';

const SECOND_MS = 1_000;
const isRunning = ({ status }: SessionDoc): boolean => status === 'running';

let clock: ManualClock;
let watches: SilentWatchStore;
let deps: Deps;
let session: SessionDoc;
let heard: string[];

beforeEach(async () => {
  heard = [];
  const ideal = openIdeal(Date.parse('2026-03-16T10:20:00.000Z'), {}, heard, true);
  clock = manualClock();
  watches = silentWatchStore(ideal.deps.store);
  deps = { ...ideal.deps, clock, store: watches.store };
  const { id } = await createSession(ideal.deps, systemCall('test'), { user: 'ann', provider: 'gke' });
  session = (await deps.store.get(sessions, id))?.data as SessionDoc;
});

/** So many seconds of the fake clock, each long enough for what waits on it. @returns the seconds until `done` */
const pass = async (most: number, done: () => boolean = () => false): Promise<number> => {
  for (let second = 0; second < most; second++) {
    if (done()) return second;
    clock.advance(SECOND_MS);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  return most;
};

const waiting = (seconds: number) => {
  let ended: SessionDoc | null = null;
  const result = waitForSession(deps, session, seconds, isRunning).then((doc) => {
    ended = doc;
  });
  return { result, ended: () => ended };
};

const run = () => deps.store.put(sessions, session.id, { ...session, status: 'running' });

it('ends within 10 s of the change although the watch tells nothing', async () => {
  const { ended } = waiting(60);
  await pass(1);
  watches.silent = true;
  await run();
  expect(await pass(60, () => ended() !== null)).toBeLessThanOrEqual(10);
  expect(ended()).toMatchObject({ status: 'running' });
  expect(watches.open).toBe(0);
});

it('reads once in 5 to 10 s, and not after its end', async () => {
  let reads = 0;
  const { get } = deps.store;
  const counted: Deps['store']['get'] = (...args) => {
    reads += 1;
    return get(...args);
  };
  deps = { ...deps, store: { ...deps.store, get: counted } };
  const { result, ended } = waiting(60);
  expect(await pass(61, () => ended() !== null)).toBe(60);
  await result;
  expect(reads).toBeGreaterThanOrEqual(60 / 10);
  expect(reads).toBeLessThanOrEqual(60 / 5);
  await pass(60);
  expect(reads).toBeLessThanOrEqual(60 / 5);
});

it('watches anew after a watch has ended with an error, and then learns of a change at once', async () => {
  const { ended } = waiting(60);
  await pass(1);
  watches.fail(new Error('the stream was reset'));
  expect(watches.open).toBe(0);
  await pass(2);
  expect(watches.open).toBe(1);
  expect(heard).toEqual(['a watch of a session ended; it is watched anew']);
  await run();
  await pass(1);
  expect(ended()).toMatchObject({ status: 'running' });
});

it('tries on where a watch can’t be begun, and reads meanwhile', async () => {
  let tries = 0;
  const watch: Deps['store']['watch'] = () => {
    tries += 1;
    throw new Error('the connection is closed');
  };
  deps = { ...deps, store: { ...deps.store, watch } };
  const { ended } = waiting(60);
  await pass(3);
  expect(tries).toBeGreaterThan(2);
  await run();
  expect(await pass(60, () => ended() !== null)).toBeLessThanOrEqual(10);
  const soFar = tries;
  await pass(10);
  expect(tries).toBe(soFar);
});

it('goes on where a read fails too', async () => {
  let fails = true;
  const { get } = deps.store;
  const failing: Deps['store']['get'] = async (...args) => {
    if (fails) throw new Error('no answer');
    return get(...args);
  };
  deps = { ...deps, store: { ...deps.store, get: failing } };
  watches.silent = true;
  const { ended } = waiting(60);
  await pass(20);
  await run();
  fails = false;
  expect(await pass(60, () => ended() !== null)).toBeLessThanOrEqual(10);
});

it('leaves no watch and no timer behind when its time is over', async () => {
  const { result, ended } = waiting(3);
  expect(await pass(10, () => ended() !== null)).toBe(3);
  await result;
  watches.fail(new Error('too late'));
  await pass(30);
  expect(watches.open).toBe(0);
  expect(heard).toEqual([]);
});

it('goes on over reads that fail, where the store has no watches', async () => {
  let failing = true;
  const { get } = deps.store;
  const busy: Deps['store']['get'] = (...args) =>
    failing ? Promise.reject(new StoreBusy('the store is busy')) : get(...args);
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.timer(ms, resolve));
  deps = {
    ...deps,
    clock: { ...clock, sleep },
    store: { ...deps.store, capabilities: { watch: false }, get: busy },
  };
  const { ended } = waiting(60);
  await pass(2);
  await run();
  expect(ended()).toBeNull();
  failing = false;
  expect(await pass(60, () => ended() !== null)).toBeLessThan(60);
  expect(ended()).toMatchObject({ status: 'running' });
  expect(heard).toContain('a session that is waited for could not be read');
});
