import { type Context, Hono } from 'hono';
import type { Callers } from '#ports/callers.ts';
import type { Logger } from '#ports/logger.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { finishWork, refusalOf } from '../cloud/requests.ts';
import { createDispatcher, type TaskObserver } from './dispatch.ts';
import { takeUpIntent } from './events.ts';

export interface WorkerDeps {
  readonly deps: Deps;
  readonly callers: Callers;
  readonly log: Logger;
  readonly observe?: TaskObserver;
}

/** Far above any payload of the catalogue, which is a few ids. */
const MOST_PAYLOAD_BYTES = 64 * 1024;
const NAME = /^[A-Za-z0-9_-]{1,500}$/;

/** Headers of a delivery by Cloud Tasks. Other queues may omit them. */
const deliveryOf = (c: Context) => {
  const name = c.req.header('x-cloudtasks-taskname') ?? '';
  const retries = /^\d{1,6}$/.exec(c.req.header('x-cloudtasks-taskretrycount') ?? '')?.[0] ?? '0';
  return { name: NAME.test(name) ? name : 'unnamed', attempt: Number(retries) + 1 };
};

/** The JSON of a body. Undefined, which every task refuses, if it is not JSON or too large. */
const readPayload = async (request: Request): Promise<unknown> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.length;
    // Reads the rest and discards it, so that the queue can send its next delivery over the same connection.
    if (size <= MOST_PAYLOAD_BYTES) parts.push(part);
  }
  if (size > MOST_PAYLOAD_BYTES) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
};

/**
 * Accepts deliveries of tasks, `POST /tasks/{task}` with the payload as JSON, and events of new intents,
 * `POST /events/intents`, whose body is not read. 204 means done, or that it can never succeed. A task that failed is
 * answered with 500 and not with 503, which would slow down its whole queue. No answer has a body: the caller reads only
 * the status, and a refused one learns nothing.
 */
export const createWorkerApp = ({ deps, callers, log, observe }: WorkerDeps): Hono => {
  const app = new Hono();
  const deliver = createDispatcher(deps, observe);

  app.get('/health', (c) => c.json({ status: 'healthy', version: deps.settings.version }));

  app.post('/tasks/:task', async (c) => {
    const refused = await refusalOf(c, 'tasks', { callers, log });
    if (refused) return refused;
    const payload = await readPayload(c.req.raw);
    let status: 204 | 500 = 204;
    try {
      await deliver({ ...deliveryOf(c), task: c.req.param('task'), payload });
    } catch {
      // The dispatcher has logged the error.
      status = 500;
    }
    await finishWork(deps.background, log);
    return c.body(null, status);
  });

  app.post('/events/intents', async (c) => {
    const refused = await refusalOf(c, 'events', { callers, log });
    if (refused) return refused;
    const done = await takeUpIntent(deps, c.req.header('ce-document') ?? null);
    return c.body(null, done ? 204 : 503);
  });

  app.notFound((c) => c.body(null, 404));
  app.onError((error, c) => {
    log.error({ path: c.req.path, err: error }, 'a delivery failed');
    return c.body(null, 500);
  });
  return app;
};
