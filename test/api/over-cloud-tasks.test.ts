import { Hono } from 'hono';
import { afterAll, expect, it } from 'vitest';
import { RETRIES } from '#contract/tasks.ts';
import { type Callers, CallerRefused } from '#ports/callers.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { intents } from '#services/model/collections.ts';
import type { SessionWire } from '#services/model/docs.ts';
import { sweepIntents } from '#services/sweeps/intents.ts';
import { createWorkerApp } from '../../functions/worker/app.ts';
import { createQueues, openDriver } from '../conformance/queue/cloud-tasks-driver-fixture.ts';
import { ACCOUNT, adminOf, verifierOf } from '../conformance/queue/cloud-tasks-fixture.ts';
import { startCloudTasks } from '../support/cloud-tasks/server.ts';
import { clientOf } from './support/client.ts';
import { keptLog, serveFunction } from './support/function-server.ts';
import { eventually } from './support/live.ts';
import { openPlatform } from './support/platform.ts';
import { apiOver } from './support/world.ts';

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** That repeats each task and loses answers. */
const TROUBLED: Parameters<typeof startCloudTasks>[0] = {
  behaviour: { order: 'any' },
  faults: { duplicates: 'at once', lost_answers: 'unavailable', lost_acknowledgements: 0.2 },
};

/** The API and the worker as two apps, with Cloud Tasks between them. */
const opened = async (tasks: Parameters<typeof startCloudTasks>[0] = TROUBLED) => {
  const server = await startCloudTasks(tasks);
  closing.push(server.stop);
  const admin = adminOf(server);
  closing.push(() => admin.close());
  await createQueues(admin, { prefix: 'api-', catalogue: RETRIES });
  let app: Hono | null = null;
  let isFull = false;
  const outer = new Hono().all('*', async (c) =>
    isFull ? c.body(null, 429) : ((await app?.fetch(c.req.raw)) ?? c.body(null, 503)),
  );
  const worker = await serveFunction(outer);
  closing.push(worker.close);
  const queue = await openDriver({ server, prefix: 'api-', catalogue: RETRIES, workerUrl: worker.url });
  closing.push(() => queue.close());
  const platform = await openPlatform((deps) => ({ ...deps, queue }), 'idle');
  closing.push(platform.close);
  const verifies = verifierOf(server, worker.url);
  const callers: Callers = {
    verify: async ({ authorization }) => {
      const headers = authorization === null ? {} : { authorization };
      if (await verifies({ task: '', body: '', headers })) return { role: 'tasks', account: ACCOUNT };
      throw new CallerRefused('no token of the queue');
    },
  };
  const { log, lines } = keptLog();
  app = createWorkerApp({ deps: { ...platform.deps, log }, callers, log });
  const full = (is: boolean): void => {
    isFull = is;
  };
  return { server, platform, worker, lines, full };
};

it('lives and ends through Cloud Tasks, whatever it repeats and loses', async () => {
  const { server, platform, worker, lines } = await opened();
  const { store } = platform.deps;
  const call = clientOf(apiOver(platform), await bootstrapAdminKey(platform.deps, 'admin', async () => {}));
  const isQuiet = async () => (await store.query(intents, { limit: 1 })).docs.length === 0;

  const made = await Promise.all(
    ['ann', 'bob', 'cyd'].map((user) => call('/v1/sessions?wait=60', { body: { user, namespace: 'n' } })),
  );
  const sessions = made.map(({ json }) => json as SessionWire);
  expect(sessions.map(({ status }) => status)).toEqual(['running', 'running', 'running']);
  const [first] = sessions;
  expect((await call(`/v1/sessions/${first?.id}`, { method: 'PATCH', body: { ttl_minutes: 90 } })).status).toBe(200);
  await eventually('the new end is held', isQuiet);
  await Promise.all(sessions.map(({ id }) => call(`/v1/sessions/${id}`, { method: 'DELETE' })));
  await eventually('all have ended', isQuiet);
  for (const { id } of sessions) {
    expect((await call(`/v1/sessions/${id}`)).json).toMatchObject({ status: 'terminated' });
  }

  const { counts } = server;
  expect(counts.duplicates).toBe(counts.deliveries);
  expect(counts.lost_answers).toBeGreaterThan(0);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  // Whoever else finds the worker is refused.
  expect((await worker.post('/tasks/session.converge', { body: '{}' })).status).toBe(401);
});

it('starts and ends a session whose tasks its queue has dropped, while the platform had no instance for them', async () => {
  // Without throttling, so that the few attempts are used up fast. Queues of a deployment count the time as well.
  const { server, platform, full } = await opened({ factor: 100, behaviour: { throttling: 'off' } });
  const { deps } = platform;
  const call = clientOf(apiOver(platform), await bootstrapAdminKey(deps, 'admin', async () => {}));
  /** Until the queue gives up what it has, and then a sweep that comes when it is due. */
  const dropped = async (count: number): Promise<void> => {
    await eventually('the queue has dropped its task', async () => server.counts.dropped >= count);
    full(false);
    const later = { ...deps.clock, now: () => deps.clock.now() + deps.settings.sweep_after_ms };
    expect(await sweepIntents({ ...deps, clock: later })).toEqual({ taken: 1 });
  };
  full(true);
  const { status, json } = await call('/v1/sessions', { body: { user: 'ann' } });
  const { id } = json as SessionWire;
  expect({ status, session: (json as SessionWire).status }).toEqual({ status: 200, session: 'creating' });
  await dropped(1);
  const statusNow = async () => ((await call(`/v1/sessions/${id}`)).json as SessionWire).status;
  await eventually('it runs', async () => (await statusNow()) === 'running');
  full(true);
  await call(`/v1/sessions/${id}?wait=0`, { method: 'DELETE' });
  await dropped(2);
  await eventually('it has ended', async () => (await statusNow()) === 'terminated');
  expect((await deps.store.query(intents, { limit: 1 })).docs).toEqual([]);
});
