import { Registry } from 'prom-client';
import { VERSION } from '#wiring/version.ts';
import { runFunction } from '../cloud/run.ts';
import { traced } from '../cloud/serve.ts';
import { createApp } from './app.ts';
import { apiSettings } from './deps.ts';
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
    settings: apiSettings(VERSION, settings),
    ready: async () => ({ store: await ready() }),
    metrics: createMetrics(registry),
    stopping,
  });
  return serveApi({ app: { fetch: traced(app.fetch, ids) }, websocket }, listening);
});
