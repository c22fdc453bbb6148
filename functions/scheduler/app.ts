import { Hono } from 'hono';
import type { Callers } from '#ports/callers.ts';
import type { Logger } from '#ports/logger.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { finishWork, refusalOf } from '../cloud/requests.ts';
import { type Job, type JobObserver, JOBS } from './jobs.ts';
import { runTick, type Tick } from './tick.ts';

export interface SchedulerDeps {
  readonly deps: Deps;
  readonly callers: Callers;
  readonly log: Logger;
  readonly observe?: JobObserver;
}

/**
 * Runs timed jobs when it is told to: `POST /tick` all of them, `POST /jobs/{job}` one. Both answer figures, 5xx where a
 * job failed, and say that they are busy where jobs run already, here or elsewhere. Nothing runs by itself, at its start
 * or after an answer. A caller who is refused gets no body and learns nothing.
 */
export const createSchedulerApp = ({ deps, callers, log, observe }: SchedulerDeps): Hono => {
  const app = new Hono();

  const tick = async (jobs: readonly Job[]): Promise<Tick> => {
    const result = await runTick(deps, jobs, observe);
    await finishWork(deps.background, log);
    return result;
  };

  app.get('/health', (c) => c.json({ status: 'healthy', version: deps.settings.version }));

  app.use('*', async (c, next) => {
    if (c.req.method !== 'POST') return next();
    return (await refusalOf(c, 'schedule', { callers, log })) ?? next();
  });

  app.post('/tick', async (c) => {
    const result = await tick(JOBS);
    return c.json(result, Object.values(result.jobs).includes(null) ? 500 : 200);
  });

  app.post('/jobs/:job', async (c) => {
    const job = JOBS.find(({ name }) => name === c.req.param('job'));
    if (!job) {
      log.error({ path: c.req.path }, 'there is no such job');
      return c.body(null, 404);
    }
    const { busy, jobs } = await tick([job]);
    if (busy) return c.json({ busy });
    const figures = jobs[job.name];
    return figures ? c.json(figures) : c.body(null, 500);
  });

  app.notFound((c) => c.body(null, 404));
  app.onError((error, c) => {
    log.error({ path: c.req.path, err: error }, 'a job could not be run');
    return c.body(null, 500);
  });
  return app;
};
