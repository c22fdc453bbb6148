import { Health, Info, Ready } from '#contract/entities/catalogue.ts';
import { iso } from '#ports/clock.ts';
import { keyOf } from '#services/kernel/access.ts';
import { jsonContent, jsonRoute, openRoute, type Route } from '../route.ts';
import { Problem } from '#contract/errors.ts';
import { z } from 'zod';

/** Says that the process runs. It needs no key and reads nothing from the store. */
const healthGet = openRoute({
  operation: 'health.get',
  summary: 'Check that the server runs',
  responses: { 200: jsonContent(Health) },
  handle: ({ clock, settings }, c) =>
    c.json({
      status: 'healthy',
      version: settings.version,
      timestamp: iso(clock.now()),
      uptime_seconds: Math.round(clock.monotonic() / 1000),
    }),
});

const readyGet = openRoute({
  operation: 'ready.get',
  summary: 'Check that the server can serve',
  description: 'Checks the store and the keeper. The answer is 503 if one of them can’t be reached.',
  responses: { 200: jsonContent(Ready) },
  handle: async ({ ready }, c) => {
    const checks = await ready();
    const failing = Object.entries(checks).filter(([, state]) => state !== 'ok');
    if (failing.length === 0) return c.json({ ready: true, checks });
    const why = failing.map(([name, state]) => `${name}: ${state}`).join('; ');
    throw new Problem('unavailable', `Not ready: ${why}. Ask again in a moment; the server’s log says more.`, {
      extra: { ready: false },
    });
  },
});

const infoGet = jsonRoute({
  operation: 'info.get',
  summary: 'Read the version and kind of this server',
  response: Info,
  handle: async ({ deps, call }) => ({
    service: 'onmemos',
    version: deps.settings.version,
    status: 'running',
    region: deps.settings.region,
    mode: deps.settings.mode,
    docs: '/docs',
    openapi: '/openapi.json',
    user_id: keyOf(call.actor)?.user_id ?? null,
  }),
});

const metricsGet = openRoute({
  operation: 'metrics.get',
  summary: 'Read the server’s metrics',
  description: 'In the text format of Prometheus.',
  responses: { 200: { description: 'Success', content: { 'text/plain': { schema: z.string() } } } },
  handle: async ({ metrics }, c) => {
    const { contentType, body } = await metrics.text();
    return c.body(body, 200, { 'content-type': contentType });
  },
});

export const systemRoutes: readonly Route[] = [healthGet, readyGet, infoGet, metricsGet];
