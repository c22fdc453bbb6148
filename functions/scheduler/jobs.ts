import type { Deps } from '#services/kernel/deps.ts';
import type { Job } from './job.ts';
import { expireJob } from './jobs/expire.ts';
import { intentsJob } from './jobs/intents.ts';
import { meterJob } from './jobs/meter.ts';
import { pruneJob } from './jobs/prune.ts';
import { reconcileJob } from './jobs/reconcile.ts';

export const JOBS: readonly Job[] = [intentsJob, expireJob, meterJob, reconcileJob, pruneJob];

/** Told of every run of a job. */
export type JobObserver = (job: string, outcome: 'done' | 'failed', seconds: number) => void;

/** Runs a job once and writes one line about it. @returns whether it succeeded */
export const runJob = async (deps: Deps, job: Job, observe: JobObserver = () => {}): Promise<boolean> => {
  const started = deps.clock.monotonic();
  const ms = (): number => Math.round(deps.clock.monotonic() - started);
  try {
    const figures = await job.run(deps);
    observe(job.name, 'done', ms() / 1000);
    const busy = Object.values(figures).some((figure) => figure > 0);
    deps.log[busy ? 'info' : 'debug']({ job: job.name, ms: ms(), ...figures, outcome: 'done' }, 'job');
    return true;
  } catch (error) {
    observe(job.name, 'failed', ms() / 1000);
    deps.log.error({ job: job.name, ms: ms(), outcome: 'failed', err: error }, 'job');
    return false;
  }
};
