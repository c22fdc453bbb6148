import type { Deps } from '#services/kernel/deps.ts';
import type { Job } from './job.ts';
import { expireJob } from './jobs/expire.ts';
import { intentsJob } from './jobs/intents.ts';
import { meterJob } from './jobs/meter.ts';
import { pruneJob } from './jobs/prune.ts';
import { reconcileJob } from './jobs/reconcile.ts';

export const JOBS: readonly Job[] = [intentsJob, expireJob, meterJob, reconcileJob, pruneJob];

/** Runs a job once and writes one line about it. @returns whether it succeeded */
export const runJob = async (deps: Deps, job: Job): Promise<boolean> => {
  const started = deps.clock.monotonic();
  const ms = (): number => Math.round(deps.clock.monotonic() - started);
  try {
    const figures = await job.run(deps);
    const busy = Object.values(figures).some((figure) => figure > 0);
    deps.log[busy ? 'info' : 'debug']({ job: job.name, ms: ms(), ...figures, outcome: 'done' }, 'job');
    return true;
  } catch (error) {
    deps.log.error({ job: job.name, ms: ms(), outcome: 'failed', err: error }, 'job');
    return false;
  }
};
