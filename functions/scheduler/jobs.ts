import type { Deps } from '#services/kernel/deps.ts';
import { sweepExpired } from '#services/sweeps/expired.ts';
import { intentFigures } from '#services/sweeps/intent-figures.ts';
import { sweepIntents } from '#services/sweeps/intents.ts';
import { meterSessions } from '#services/sweeps/meter.ts';
import { meterStorage } from '#services/sweeps/meter-storage.ts';
import { prune } from '#services/sweeps/prune.ts';
import { reconcile } from '#services/sweeps/reconcile.ts';

export type Figures = Readonly<Record<string, number>>;

/** One timed duty. Safe to repeat, bounded in what one run does. */
export interface Job {
  readonly name: string;
  /** Period where each job has a schedule of its own. A tick of Cloud Scheduler, once a minute, runs all of them. */
  readonly every_seconds: number;
  /** Figures that say how things are, and not what the run did. */
  readonly states?: readonly string[];
  /** Figures for the log line. */
  run(deps: Deps): Promise<Figures>;
}

export const JOBS: readonly Job[] = [
  // Retries every intent that was not finished in time.
  {
    name: 'intents',
    every_seconds: 15,
    states: ['often', 'oldest_ms'],
    run: async (deps) => ({ ...(await sweepIntents(deps)), ...(await intentFigures(deps)) }),
  },
  // Ends expired sessions whose task was not delivered.
  { name: 'expire', every_seconds: 15, run: sweepExpired },
  // Bills live sessions and storage up to where they were last seen.
  {
    name: 'meter',
    every_seconds: 15,
    run: async (deps) => ({ ...(await meterSessions(deps)), storage: (await meterStorage(deps)).looked }),
  },
  // Removes resources without a session, and looks at sessions without their resource.
  { name: 'reconcile', every_seconds: 15, run: reconcile },
  // Removes records and data after their retention.
  { name: 'prune', every_seconds: 60, run: prune },
];

/** Told of every run of a job. A run that failed has no figures. */
export type JobObserver = (job: string, outcome: 'done' | 'failed', seconds: number, figures: Figures) => void;

/** Runs a job once and writes one line about it. @returns its figures, or null where it failed */
export const runJob = async (deps: Deps, job: Job, observe: JobObserver = () => {}): Promise<Figures | null> => {
  const started = deps.clock.monotonic();
  const ms = (): number => Math.round(deps.clock.monotonic() - started);
  try {
    const figures = await job.run(deps);
    observe(job.name, 'done', ms() / 1000, figures);
    const busy = Object.entries(figures).some(([name, figure]) => figure > 0 && !job.states?.includes(name));
    deps.log[busy ? 'info' : 'debug']({ job: job.name, ms: ms(), ...figures, outcome: 'done' }, 'job');
    return figures;
  } catch (error) {
    observe(job.name, 'failed', ms() / 1000, {});
    deps.log.error({ job: job.name, ms: ms(), outcome: 'failed', err: error }, 'job');
    return null;
  }
};
