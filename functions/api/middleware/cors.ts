import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { ApiEnv } from '../context.ts';

/** For the pages of these origins alone. The key is a header that a page has to know: no cookie is ever read. */
export const corsFor = (origins: readonly string[]): MiddlewareHandler<ApiEnv> =>
  cors({
    origin: [...origins],
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'Last-Event-ID',
      'X-API-Key',
      'X-Request-Id',
      'traceparent',
    ],
    exposeHeaders: ['Link', 'OnMemOS-Offset', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
  });
