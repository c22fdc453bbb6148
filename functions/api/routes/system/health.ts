import { Health } from '#contract/entities/catalogue.ts';
import { iso } from '#ports/clock.ts';
import { jsonContent, openRoute } from '../../route.ts';

/** Says that the process lives. Asks nobody: not the store, not a key. */
export const healthGet = openRoute({
  operation: 'health.get',
  summary: 'Is the server alive',
  responses: { 200: jsonContent(Health) },
  handle: ({ clock, settings }, c) =>
    c.json({
      status: 'healthy',
      version: settings.version,
      timestamp: iso(clock.now()),
      uptime_seconds: Math.round(clock.monotonic() / 1000),
    }),
});
