import type { Deps } from '#services/kernel/deps.ts';
import type { Timer } from '#ports/clock.ts';
import { type JobObserver, JOBS, runJob } from '../scheduler/jobs.ts';

export interface Schedule {
  /** Waits for jobs under way. */
  stop(): Promise<void>;
}

/** Runs the timed jobs in this process: each at its own pace, never twice at once. */
export const startSchedule = (deps: Deps, observe: JobObserver): Schedule => {
  let stopped = false;
  const timers = new Map<string, Timer>();
  const running = new Set<Promise<unknown>>();

  for (const job of JOBS) {
    const again = (): void => {
      if (stopped) return;
      const delay = job.every_seconds * 1000 * (0.9 + deps.ids.fraction() * 0.2);
      timers.set(
        job.name,
        deps.clock.timer(delay, () => {
          const run = runJob(deps, job, observe).finally(() => {
            running.delete(run);
            again();
          });
          running.add(run);
        }),
      );
    };
    again();
  }

  return {
    stop: async () => {
      stopped = true;
      for (const timer of timers.values()) timer.cancel();
      await Promise.allSettled(running);
    },
  };
};
