import { expect, it } from 'vitest';
import { type Ideal, openIdeal } from '../../../test/simulation/world/ideal.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { intents, sessions } from '../model/collections.ts';
import { createSession } from '../sessions/create/create.ts';
import { endSession } from '../sessions/end.ts';
import { sweepExpired } from './expired.ts';
import { sweepIntents } from './intents.ts';
import { reconcile } from './reconcile.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const MINUTE_MS = 60_000;
const call = systemCall('test');
const ASKED = { user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes: 5 } as const;

/** A world whose queue takes nothing. */
const opened = () => {
  const world = openIdeal(START, {}, []);
  const enqueue = (): Promise<boolean> => Promise.reject(new Error('the queue is down'));
  const deps: Deps = { ...world.deps, queue: { enqueue } };
  return { world, deps };
};
const statusOf = async ({ deps }: Ideal, id: string) => (await deps.store.get(sessions, id))?.data.status;

it('starts and ends sessions by the sweep alone where the queue takes nothing', async () => {
  const { world, deps } = opened();
  const { id } = await createSession(deps, call, ASKED);
  expect(await sweepIntents(deps)).toEqual({ taken: 0 });
  expect(await statusOf(world, id)).toBe('creating');
  world.pass(MINUTE_MS);
  expect(await sweepIntents(deps)).toEqual({ taken: 1 });
  expect(await statusOf(world, id)).toBe('running');
  await endSession(deps, call, { id, force: false, wait: 0 });
  world.pass(MINUTE_MS);
  await sweepIntents(deps);
  expect(await statusOf(world, id)).toBe('terminated');
  expect(world.documents.all(intents)).toEqual([]);
});

it('leaves the step to the next sweep where its time is over, and raises the attempt all the same', async () => {
  const { world, deps } = opened();
  const { id } = await createSession(deps, call, ASKED);
  world.pass(MINUTE_MS);
  await sweepIntents({ ...deps, run: { isOver: () => true, wasCut: true } });
  expect(await statusOf(world, id)).toBe('creating');
  expect(world.documents.all(intents)).toMatchObject([{ session_id: id, attempt: 2 }]);
});

it('ends what has expired with the first comparison after its resource is gone', async () => {
  const { world, deps } = opened();
  const { id } = await createSession(deps, call, ASKED);
  world.pass(MINUTE_MS);
  await sweepIntents(deps);
  world.pass(5 * MINUTE_MS);
  world.provider.end(id, 'expired');
  expect(await sweepExpired(deps)).toEqual({ expired: 1 });
  expect(await statusOf(world, id)).toBe('terminating');
  const [compute] = deps.computes.all;
  const found = world.documents.all(sessions).find((session) => session.id === id);
  if (!compute || !found) throw new Error('there is no session');
  const target = { key: found.key, owner: 'ann', workspace_id: found.workspace_id, ref: null };
  const list = async () => [{ target, session_id: id, created_at: START, ended: true }];
  const computes: Deps['computes'] = { ...deps.computes, all: [{ ...compute, list }] };
  expect(await reconcile({ ...deps, computes })).toEqual({ orphans: 0, ended: 1 });
  expect(await statusOf(world, id)).toBe('terminated');
});
