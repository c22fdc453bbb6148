import { Hono } from 'hono';
import { admit } from '#platform/admission.ts';
import type { Callers } from '#ports/callers.ts';
import type { Logger } from '#ports/logger.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { type JobObserver, JOBS, runJob } from './jobs.ts';

export interface SchedulerDeps {
  readonly deps: Deps;
  readonly callers: Callers;
  readonly log: Logger;
  readonly observe?: JobObserver;
}

/**
 * Runs timed jobs when it is told to: `POST /jobs/{job}` runs one and answers its figures, 5xx where it failed. Nothing
 * runs by itself, at its start or later. A caller who is refused gets no body and learns nothing.
 */
export const createSchedulerApp = ({ deps, callers, log, observe }: SchedulerDeps): Hono => {
  const app = new Hono();

  app.get('/health', (c) => c.json({ status: 'healthy', version: deps.settings.version }));

  app.post('/jobs/:job', async (c) => {
    const admission = await admit(callers, 'schedule', c.req.header('authorization') ?? null);
    if (admission.status !== 200) {
      log.warn({ path: c.req.path, ...admission }, 'a caller was refused');
      return c.body(null, admission.status);
    }
    const job = JOBS.find(({ name }) => name === c.req.param('job'));
    if (!job) {
      log.error({ path: c.req.path }, 'there is no such job');
      return c.body(null, 404);
    }
    const figures = await runJob(deps, job, observe);
    return figures === null ? c.body(null, 500) : c.json(figures);
  });

  app.notFound((c) => c.body(null, 404));
  app.onError((error, c) => {
    log.error({ path: c.req.path, err: error }, 'a job could not be run');
    return c.body(null, 500);
  });
  return app;
};
