import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import type { Outbound, OutboundMessage, OutboundResult } from '#ports/outbound.ts';
import type { QueuedTask } from '#ports/queue.ts';
import { createDispatcher } from '../../../functions/worker/dispatch.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { audit, sessions } from '../model/collections.ts';
import { createSession } from '../sessions/create/create.ts';
import { endSession } from '../sessions/end.ts';
import { updateSession } from '../sessions/update.ts';
import { createWebhook } from '../webhooks/create.ts';
import { announceReclaim } from './reclaim.ts';

const START = Date.parse('2026-03-16T10:00:00.000Z');
const MINUTE_MS = 60_000;
const call = systemCall('test');

/** A receiver that keeps what it is sent, and the tasks of a world. */
const opened = async () => {
  const heard: string[] = [];
  const world = openIdeal(START, {}, heard);
  const sent: OutboundMessage[] = [];
  const next: OutboundResult = { status: 200, error: null };
  const outbound: Outbound = {
    refusal: () => null,
    post: async (message) => {
      sent.push(message);
      return next;
    },
  };
  const enqueued: QueuedTask[] = [];
  const deps: Deps = {
    ...world.deps,
    outbound,
    queue: {
      enqueue: async (task) => {
        enqueued.push(task);
        return world.deps.queue.enqueue(task);
      },
    },
  };
  const handle = createDispatcher(deps);
  const deliver = (task: QueuedTask) => handle({ ...task, attempt: 1 });
  const create = (ttl_minutes: number) =>
    createSession(deps, call, { user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes });
  const notices = () => world.documents.all(audit).filter(({ action }) => action === 'notice');
  const tasks = (name: string) => enqueued.filter(({ task }) => task === name);
  /** Makes a session run, with the deps of this test. */
  const run = async (ttl_minutes: number) => {
    const { id } = await create(ttl_minutes);
    for (const task of tasks('session.converge')) await deliver(task);
    expect(world.documents.all(sessions).find((each) => each.id === id)?.status).toBe('running');
    return id;
  };
  return { world, deps, heard, sent, enqueued, deliver, run, notices, tasks };
};

it('comes five minutes before the end, as one task', async () => {
  const { world, deliver, run, notices, tasks } = await opened();
  const id = await run(60);
  const [task, ...more] = tasks('session.notice');
  expect(more).toEqual([]);
  expect(task?.at).toBe(START + 55 * MINUTE_MS);
  world.pass(55 * MINUTE_MS);
  world.reads.trips();
  if (task) await deliver(task);
  // The last read is that the user has no webhook.
  expect(world.reads.trips().documents).toEqual(['read sessions', 'write audit', 'read webhooks (none)']);
  expect(notices()).toMatchObject([
    { session_id: id, actor_user: 'ann', detail: { kind: 'session.ending', expires_at: '2026-03-16T11:00:00.000Z' } },
  ]);
});

it('is none for a life under ten minutes, and costs none', async () => {
  const { run, tasks } = await opened();
  await run(9);
  expect(tasks('session.notice')).toEqual([]);
});

it('follows an end that is moved', async () => {
  const { world, deps, deliver, run, notices, tasks } = await opened();
  const id = await run(60);
  // The provider of this world has no channel to a running session: the intent does it.
  await updateSession(deps, call, { id, ttl_minutes: 120 }).catch(() => undefined);
  const session = world.documents.all(sessions)[0];
  expect(session?.expires_at).toBe('2026-03-16T12:00:00.000Z');
  world.pass(55 * MINUTE_MS);
  for (const task of tasks('session.notice')) await deliver(task);
  expect(notices()).toEqual([]);
});

it('comes once though its task comes twice, also at the same time', async () => {
  const { world, deliver, run, notices, tasks } = await opened();
  await run(60);
  world.pass(56 * MINUTE_MS);
  const all = tasks('session.notice');
  await Promise.all([...all, ...all].map(deliver));
  for (const task of all) await deliver(task);
  expect(notices().length).toBe(1);
});

it('does not come for a session that is gone', async () => {
  const { world, deps, deliver, run, notices, tasks } = await opened();
  const id = await run(60);
  await endSession(deps, call, { id, force: false, wait: 0 });
  world.pass(55 * MINUTE_MS);
  for (const task of tasks('session.notice')) await deliver(task);
  expect(notices()).toEqual([]);
});

it('is delivered though a crash came between its entry and its deliveries, and the session ended since', async () => {
  const { world, deps, deliver, run, notices, tasks } = await opened();
  const { webhook_id } = await createWebhook(deps, call, { url: 'https://example.com/', user_id: 'ann' });
  const id = await run(60);
  world.pass(55 * MINUTE_MS);
  const [task] = tasks('session.notice');
  if (!task) throw new Error('no task was enqueued');
  const broken: Deps = {
    ...deps,
    queue: {
      enqueue: async () => {
        throw new Error('the process ended here');
      },
    },
  };
  await expect(createDispatcher(broken)({ ...task, attempt: 1 })).rejects.toThrow('the process ended here');
  expect([notices().length, tasks('webhook.deliver').length]).toEqual([1, 0]);
  await endSession(deps, call, { id, force: false, wait: 0 });
  await deliver(task);
  expect(notices().length).toBe(1);
  expect(tasks('webhook.deliver').map(({ payload }) => payload)).toEqual([
    { v: 1, webhook_id, entry_id: notices()[0]?.id },
  ]);
});

it('is sent to each webhook that takes it, with one id for every try', async () => {
  const { world, deps, sent, deliver, run, notices, tasks } = await opened();
  const hook = (events: ('session.ending' | 'budget.threshold')[] | null, user_id = 'ann') =>
    createWebhook(deps, call, { url: 'https://example.com/', user_id, events });
  await Promise.all([hook(['session.ending']), hook(['budget.threshold']), hook(null), hook(null, 'bob')]);
  await run(60);
  world.pass(55 * MINUTE_MS);
  for (const task of tasks('session.notice')) await deliver(task);
  const deliveries = tasks('webhook.deliver');
  expect(new Set(deliveries.map(({ payload }) => payload['webhook_id'])).size).toBe(2);
  for (const task of [...deliveries, ...deliveries]) await deliver(task);
  const [entry] = notices();
  expect(sent.map(({ headers }) => headers['webhook-id'])).toEqual(Array.from({ length: 4 }, () => entry?.id));
  expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({
    type: 'session.ending',
    timestamp: entry?.at,
    data: { id: entry?.id, session_id: entry?.session_id, detail: { expires_at: '2026-03-16T11:00:00.000Z' } },
  });
  expect(sent[0]?.body).not.toContain('actor_user');
});

it('tells once that a machine is taken back, however often its provider says so', async () => {
  const { world, deps, deliver, run, notices, tasks } = await opened();
  const id = await run(60);
  world.pass(MINUTE_MS);
  const at = world.now() + 30_000;
  await announceReclaim(deps, { session_id: id, at });
  world.pass(1_000);
  await announceReclaim(deps, { session_id: id, at });
  await world.work();
  const [first] = tasks('session.reclaim');
  if (first) await deliver(first);
  expect(notices()).toMatchObject([
    {
      ...{ session_id: id, actor_user: 'ann', workspace_owner: 'ann' },
      detail: { kind: 'session.reclaiming', reclaim_at: '2026-03-16T10:01:30.000Z' },
    },
  ]);
});
