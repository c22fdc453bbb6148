import type { MiddlewareHandler } from 'hono';
import { currentTrace, readTrace } from '#platform/trace.ts';
import type { Ids } from '#ports/ids.ts';
import type { ApiEnv } from '../context.ts';

const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Sets the ids of the request and its trace: the caller's ids if they are well formed, otherwise new ones. The answer
 * has both.
 */
export const requestContext =
  (ids: Ids): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const given = c.req.header('x-request-id');
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : ids.next('req');
    const trace = currentTrace() ?? readTrace((name) => c.req.header(name));
    const traceId = trace?.trace_id ?? hex(ids.random(16));
    c.set('request_id', requestId);
    c.set('trace_id', traceId);
    c.set('operation', null);
    c.set('actor', null);
    c.set('code', null);
    c.set('ending', null);
    await next();
    c.header('X-Request-Id', requestId);
    c.header('traceparent', `00-${traceId}-${hex(ids.random(8))}-01`);
    c.header('X-Content-Type-Options', 'nosniff');
    if (!c.res.headers.has('cache-control')) c.header('Cache-Control', 'no-store');
  };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
