import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { listen, type Serving } from '#platform/listen.ts';
import { readTrace, type Trace, withinTrace } from '#platform/trace.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';

/** What a function listens by. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly clock: Pick<Clock, 'timer'>;
  readonly grace_ms: number;
}

/** Answers each request as a part of the trace that it names, or of a new one. */
export const traced = <Rest extends unknown[]>(
  fetch: (request: Request, ...rest: Rest) => Response | Promise<Response>,
  ids: Pick<Ids, 'random'>,
): ((request: Request, ...rest: Rest) => Response | Promise<Response>) => {
  const begun = (): Trace => ({
    trace_id: Buffer.from(ids.random(16)).toString('hex'),
    span_id: null,
    sampled: false,
  });
  return (request, ...rest) =>
    withinTrace(readTrace((name) => request.headers.get(name)) ?? begun(), () => fetch(request, ...rest));
};

/** Serves an app that has no WebSockets. `/ready` is 503 with what is wrong, where something is. */
export const serveApp = (
  app: Hono,
  options: Listening & { readonly ids: Pick<Ids, 'random'>; readonly ready: () => Promise<string> },
): Promise<Serving> => {
  app.get('/ready', async (c) => {
    const store = await options.ready();
    const ready = store === 'ok';
    return c.json({ ready, checks: { store } }, ready ? 200 : 503);
  });
  const server = createAdaptorServer({ fetch: traced(app.fetch, options.ids), hostname: options.host });
  return listen(server as Server, options);
};
