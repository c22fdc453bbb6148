import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localCallers } from '#drivers/callers/local.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { createMetrics } from '../../functions/api/metrics.ts';
import { addTickMetrics } from '../../functions/api/tick-metrics.ts';
import { createSchedulerApp } from '../../functions/scheduler/app.ts';
import { createJobMetrics } from '../../functions/scheduler/metrics.ts';
import { addStandaloneMetrics } from '../../functions/standalone/metrics.ts';
import { createWorkerApp } from '../../functions/worker/app.ts';
import { createTaskMetrics } from '../../functions/worker/metrics.ts';
import { clientOf } from './support/client.ts';
import { apiOver, openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

/** Names every call of the store, as `query sessions`. */
const recorded = (deps: Deps): { readonly deps: Deps; taken(): readonly string[] } => {
  let calls: string[] = [];
  const store = new Proxy(deps.store, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      const call = found.bind(target) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const [collection] = args as [{ readonly name?: string } | undefined];
        calls.push(`${String(name)} ${collection?.name ?? ''}`.trim());
        return call(...args);
      };
    },
  });
  return {
    deps: { ...deps, store },
    taken: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
  };
};

const logger = createLogger({ level: 'silent' });

it('neither a start nor a scrape of api, worker and scheduler reads what there is', async () => {
  const { deps, taken } = recorded(world.platform.deps);
  const registry = new Registry();
  const callers = localCallers(systemIds);
  const api = apiOver({ ...world.platform, deps }, { metrics: createMetrics(registry) });
  addTickMetrics(registry, deps);
  const worker = createWorkerApp({ deps, callers, log: logger, observe: createTaskMetrics(registry) });
  const own = new Registry();
  const scheduler = createSchedulerApp({ deps, callers, log: logger, observe: createJobMetrics(own) });
  for (const app of [api.app, worker, scheduler]) expect((await app.request('/health')).status).toBe(200);
  expect(taken()).toEqual([]);

  const body = JSON.stringify({ v: 1, session_id: 'ses-none', expires_at: '2026-01-01T00:00:00.000Z' });
  const authorization = callers.authorization('tasks');
  await worker.request('/tasks/session.expire', { method: 'POST', body, headers: { authorization } });
  const job = { method: 'POST', headers: { authorization: callers.authorization('schedule') } };
  await scheduler.request('/tick', job);
  taken();

  const scraped = await clientOf(api, world.keys.admin)('/metrics');
  // The key that asks, what the last tick said, and nothing else.
  expect(taken()).toEqual(['get keys', 'get leases']);
  expect(scraped.text).toMatch(/^onmemos_intents_tried_often 0$/m);
  expect(scraped.text).toMatch(/^onmemos_intent_oldest_seconds \d/m);
  expect(scraped.text).toMatch(/^onmemos_tick_age_seconds \d/m);
  expect(scraped.text).toContain('onmemos_http_request_duration_seconds_count{operation="health.get",status="200"} 1');
  expect(scraped.text).toContain('onmemos_task_duration_seconds_count{task="session.expire",outcome="done"} 1');
  expect(await own.metrics()).toContain('onmemos_job_duration_seconds_count{job="expire",outcome="done"} 1');
});

it('only standalone’s own figures scan', async () => {
  const { deps, taken } = recorded(world.platform.deps);
  const registry = new Registry();
  const queue = { stats: () => ({ depth: 0, oldest_age_ms: 0, running: 0 }) };
  addStandaloneMetrics(registry, { deps, queue } as unknown as Parameters<typeof addStandaloneMetrics>[1]);
  expect(taken()).toEqual([]);
  await registry.metrics();
  expect(taken().toSorted()).toEqual(['query audit', 'query sessions']);
});
