import type { MiddlewareHandler } from 'hono';
import type { OperationName } from '#contract/operations.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import type { ApiDeps } from '../deps.ts';

/** Machines call these every few seconds, so they are not logged. */
const QUIET: ReadonlySet<OperationName | null> = new Set(['health.get', 'ready.get', 'metrics.get'] as const);

/**
 * Writes one line per request when its answer has ended, with everything that an operator needs later, and updates the
 * metrics.
 */
export const canonicalLog =
  (api: ApiDeps): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const start = api.clock.monotonic();
    await next();
    const status = c.res.status;
    const ending = c.get('ending');
    if (ending === null) write(api, c, start, status, c.get('code') ?? 'ok');
    else void ending.then((outcome) => write(api, c, start, status, outcome));
  };

const write = (api: ApiDeps, c: ApiContext, start: number, status: number, outcome: string): void => {
  const ms = api.clock.monotonic() - start;
  const operation = c.get('operation');
  const actor = c.get('actor');
  api.metrics.request(operation ?? 'unknown', status, ms / 1000);
  const level = status >= 500 ? 'warn' : QUIET.has(operation) ? 'debug' : 'info';
  api.log[level](
    {
      operation,
      method: c.req.method,
      path: c.req.path,
      status,
      ms: Math.round(ms * 10) / 10,
      outcome,
      key_id: actor?.key_id ?? null,
      user: actor?.user_id ?? null,
      request_id: c.get('request_id'),
      trace_id: c.get('trace_id'),
    },
    'request',
  );
};
