import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { ApiEnv } from '../context.ts';

/** Allows only pages of these origins. A page must send the key as a header; cookies are never read. */
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
