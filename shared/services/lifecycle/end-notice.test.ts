import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { createDispatcher } from '../../../functions/worker/dispatch.ts';
import type { QueuedTask } from '#ports/queue.ts';
import { systemCall } from '../kernel/call.ts';
import { intentKey, intents, sessions } from '../model/collections.ts';
import { createSession } from '../sessions/create/create.ts';
import { sweepIntents } from '../sweeps/intents.ts';
import { convergeSession } from './converge.ts';

const START = Date.parse('2026-03-16T10:00:00.000Z');
const MINUTE_MS = 60_000;
const call = systemCall('test');

/** A world whose queue can be switched off, and whose sessions take a new deadline. */
const opened = () => {
  const heard: string[] = [];
  const world = openIdeal(START, {}, heard);
  const { computes } = world.deps;
  const held = { deadline: async () => undefined };
  const byDriver: typeof computes.byDriver = (driver) => ({
    ...computes.byDriver(driver),
    exec: async () => held as never,
  });
  const taken: QueuedTask[] = [];
  let isDown = true;
  const queue = {
    enqueue: async (task: QueuedTask): Promise<boolean> => {
      if (isDown) throw new Error('the queue does not answer');
      taken.push(task);
      return true;
    },
  };
  const deps = { ...world.deps, queue, computes: { ...computes, byDriver } };
  const handle = createDispatcher(deps);
  return {
    world,
    deps,
    heard,
    taken,
    up: () => {
      isDown = false;
    },
    /** Runs what the queue has taken and is due. */
    work: async () => {
      for (const task of taken.splice(0)) {
        if ((task.at ?? 0) > deps.clock.now()) taken.push(task);
        else await handle({ ...task, attempt: 1 });
      }
    },
    session: async (id: string) => (await deps.store.get(sessions, id))?.data,
    intent: async (id: string) => (await deps.store.get(intents, intentKey(id, 1)))?.data ?? null,
  };
};

it('a session runs while the queue is away, and its notice is enqueued once the queue is back', async () => {
  const { world, deps, heard, taken, up, work, session, intent } = opened();
  const asked = { user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes: 120 } as const;
  const { id } = await createSession(deps, call, asked);
  expect(await intent(id)).toMatchObject({ kind: 'provision', attempt: 1 });
  // The scheduler, or a trigger, takes the step: the queue delivers nothing.
  await convergeSession(deps, { intent_id: intentKey(id, 1), attempt: 1 });
  expect(await session(id)).toMatchObject({ status: 'running' });
  expect(await intent(id)).toMatchObject({ kind: 'deadline', attempt: 2 });
  expect(heard).toContain('the notice of an end was not enqueued; its intent stays open');

  // A step that fails again leaves it open, for later.
  await convergeSession(deps, { intent_id: intentKey(id, 1), attempt: 2 });
  expect(await intent(id)).toMatchObject({ kind: 'deadline', attempt: 3 });

  up();
  world.pass(2 * MINUTE_MS);
  expect(await sweepIntents(deps)).toEqual({ taken: 1 });
  await work();
  expect(taken.map(({ task }) => task)).toEqual(['session.notice']);
  expect(await intent(id)).toBeNull();
});
