import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { iso } from '#ports/clock.ts';
import { systemCall } from '../kernel/call.ts';
import { sessions } from '../model/collections.ts';
import { createSession } from '../sessions/create/create.ts';
import { sweepExpired } from './expired.ts';
import { meterSessions } from './meter.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const COUNT = 30;

/** Sessions of one owner, each with nearly all that a document may have: together more than one commit carries. */
const opened = async () => {
  const heard: string[] = [];
  const world = openIdeal(START, {}, heard);
  const { deps } = world;
  const ids: string[] = [];
  for (let i = 0; i < COUNT; i++) {
    const { id } = await createSession(deps, systemCall('test'), { user: 'ann', provider: 'gke', ttl_minutes: 60 });
    ids.push(id);
  }
  await world.work();
  for (const id of ids) {
    const doc = (await deps.store.get(sessions, id))?.data;
    if (doc) await deps.store.put(sessions, id, { ...doc, env_sealed: 'x'.repeat(900_000) });
  }
  const all = async () => (await deps.store.getMany(sessions, ids)).map((doc) => doc?.data);
  return { world, heard, all };
};

it('bills large sessions of one owner, as many at once as one commit carries', async () => {
  const { world, heard, all } = await opened();
  world.pass(20 * 60_000);
  expect(await meterSessions(world.deps)).toEqual({ looked: COUNT, failed: 0 });
  expect(heard).toEqual([]);
  for (const session of await all()) expect(session?.metered_until).toBe(iso(world.now()));
});

it('ends large sessions whose time has come, all in one run', async () => {
  const { world, heard, all } = await opened();
  world.pass(61 * 60_000);
  expect(await sweepExpired(world.deps)).toEqual({ expired: COUNT });
  expect(heard).toEqual([]);
  for (const session of await all()) expect(session).toMatchObject({ status: 'terminating', live_until: null });
});
