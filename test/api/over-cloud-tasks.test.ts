import { Hono } from 'hono';
import { afterAll, expect, it } from 'vitest';
import { RETRIES } from '#contract/tasks.ts';
import { type Callers, CallerRefused } from '#ports/callers.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { intents } from '#services/model/collections.ts';
import type { SessionWire } from '#services/model/docs.ts';
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

/** The API and the worker as two apps, with Cloud Tasks between them that repeats each task and loses answers. */
const opened = async () => {
  const server = await startCloudTasks({
    behaviour: { order: 'any' },
    faults: { duplicates: 'at once', lost_answers: 'unavailable', lost_acknowledgements: 0.2 },
  });
  closing.push(server.stop);
  const admin = adminOf(server);
  closing.push(() => admin.close());
  await createQueues(admin, { prefix: 'api-', catalogue: RETRIES });
  let app: Hono | null = null;
  const outer = new Hono().all('*', async (c) => (await app?.fetch(c.req.raw)) ?? c.body(null, 503));
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
  return { server, platform, worker, lines };
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
