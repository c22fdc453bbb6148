import type { Deps } from '#services/kernel/deps.ts';

/** One timed duty. Safe to repeat, bounded in what one run does. */
export interface Job {
  readonly name: string;
  /** How often where the schedule is in process; Cloud Scheduler's grain is a minute. */
  readonly every_seconds: number;
  /** Figures for the log line. */
  run(deps: Deps): Promise<Readonly<Record<string, number>>>;
}
