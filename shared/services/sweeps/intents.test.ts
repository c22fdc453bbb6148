import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { QueuedTask } from '#ports/queue.ts';
import { hashedName } from '#domain/names.ts';
import type { Deps } from '../kernel/deps.ts';
import { intentKey, intents } from '../model/collections.ts';
import type { IntentDoc } from '../model/docs.ts';
import { sweepIntents } from './intents.ts';

const START = Date.parse('2026-03-16T10:00:00.000Z');
const MINUTE_MS = 60_000;

/** So many open intents, each due a second after the one before it. */
const opened = async (count: number) => {
  const world = openIdeal(START, {}, []);
  const ids = Array.from({ length: count }, (_, n) => intentKey(`ses-${String(n).padStart(26, '0')}`, 1));
  for (const [n, id] of ids.entries()) {
    const intent: IntentDoc = {
      ...{ id, kind: 'provision', session_id: id.split(':')[0] ?? '', generation: 1, attempt: 1, last_error: null },
      ...{ created_at: iso(START), next_at: iso(START + n * 1000) },
    };
    await world.deps.store.put(intents, id, intent);
  }
  world.pass(count * 1000);
  return { world, ids };
};

/** The same world with a queue that answers so; what it was asked is kept. */
const withQueue = (deps: Deps, enqueue: (task: QueuedTask) => Promise<boolean>) => {
  const asked: QueuedTask[] = [];
  const queue = {
    enqueue: (task: QueuedTask) => {
      asked.push(task);
      return enqueue(task);
    },
  };
  return { deps: { ...deps, queue }, asked };
};

const nameOf = (id: string, attempt: number): string => hashedName('int', id, String(attempt));

it('a thousand intents whose names are used up hide none behind them', async () => {
  const { world, ids } = await opened(1001);
  const fresh = ids.at(-1) ?? '';
  const enqueued: string[] = [];
  const { deps } = withQueue(world.deps, async ({ name, payload }) => {
    if (payload['intent_id'] !== fresh) return false;
    enqueued.push(name);
    return true;
  });
  await sweepIntents(deps);
  await sweepIntents(deps);
  expect(enqueued).toContain(nameOf(fresh, 2));
});

it.each<{ readonly what: string; readonly enqueue: () => Promise<boolean> }>([
  { what: 'enqueued', enqueue: async () => true },
  { what: 'used before', enqueue: async () => false },
])('an intent moves on when its name is $what', async ({ enqueue }) => {
  const { world, ids } = await opened(3);
  const { deps, asked } = withQueue(world.deps, enqueue);
  const { clock, settings, store } = deps;
  expect(await sweepIntents(deps)).toEqual({ taken: 3 });
  for (const id of ids) {
    const intent = (await store.get(intents, id))?.data;
    expect(intent?.attempt).toBe(2);
    expect(epochMs(intent?.next_at ?? '')).toBe(clock.now() + settings.sweep_after_ms);
  }
  expect(asked.map(({ name }) => name).toSorted()).toEqual(ids.map((id) => nameOf(id, 2)).toSorted());
  // It is not due again before its next time, and then under its next name.
  expect(await sweepIntents(deps)).toEqual({ taken: 0 });
  world.pass(settings.sweep_after_ms);
  expect(await sweepIntents(deps)).toEqual({ taken: 3 });
  expect(
    asked
      .slice(3)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(ids.map((id) => nameOf(id, 3)).toSorted());
});

it('an intent that can’t be written keeps none of the others waiting', async () => {
  const { world, ids } = await opened(600);
  const stuck = ids.slice(0, 450);
  const { deps, asked } = withQueue(world.deps, async () => true);
  const store: Deps['store'] = Object.assign(Object.create(deps.store), {
    put: (...args: Parameters<Deps['store']['put']>) =>
      stuck.includes(args[1]) ? Promise.reject(new Error('the store is busy')) : deps.store.put(...args),
  });
  await sweepIntents({ ...deps, store });
  expect(asked).toHaveLength(150);
  // Those that could not be written are due as before.
  expect(await sweepIntents(deps)).toEqual({ taken: 450 });
  expect(asked).toHaveLength(600);
});

it('takes all at a start, also those whose time has not come', async () => {
  const { world, ids } = await opened(700);
  const { deps, asked } = withQueue(world.deps, async () => true);
  await sweepIntents(deps);
  world.pass(-MINUTE_MS / 2);
  expect(await sweepIntents(deps, true)).toEqual({ taken: 700 });
  expect(asked.filter(({ name }) => ids.some((id) => name === nameOf(id, 3)))).toHaveLength(700);
});
