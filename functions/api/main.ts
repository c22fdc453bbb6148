import { Registry } from 'prom-client';
import { VERSION } from '#wiring/version.ts';
import { runFunction } from '../cloud/run.ts';
import { traced } from '../cloud/serve.ts';
import { createApp } from './app.ts';
import { DEFAULT_API_SETTINGS } from './deps.ts';
import { createMetrics } from './metrics.ts';
import { serveApi } from './serve.ts';
import { addTickMetrics } from './tick-metrics.ts';

await runFunction('api', async ({ settings, machine, log, clock, ids, ready, stopping, listening }) => {
  const registry = new Registry();
  addTickMetrics(registry, machine.deps);
  const { app, websocket } = createApp({
    deps: machine.deps,
    log: log.child({ part: 'api' }),
    clock,
    settings: {
      ...DEFAULT_API_SETTINGS,
      version: VERSION,
      rate_limit_per_second: settings.ONMEMOS_RATE_LIMIT_PER_SECOND ?? null,
      most_instances: settings.ONMEMOS_MAX_INSTANCES ?? 1,
      cors_origins: settings.ONMEMOS_CORS_ORIGINS.split(',').filter((origin) => origin !== ''),
    },
    ready: async () => ({ store: await ready() }),
    metrics: createMetrics(registry),
    stopping,
  });
  return serveApi({ app: { fetch: traced(app.fetch, ids) }, websocket }, listening);
});
