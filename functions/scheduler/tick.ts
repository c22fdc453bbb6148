import { createRun } from '#services/kernel/run.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { unlessItFails } from '#services/kernel/unless-it-fails.ts';
import { giveLeaseBack, takeLease } from '#services/sweeps/lease.ts';
import { type Figures, type Job, type JobObserver, runJob } from './jobs.ts';

/** A tick begins nothing new after this time, milliseconds: Cloud Scheduler calls again after a minute. */
export const TICK_MS = 45_000;

export interface Tick {
  /** Another tick runs: this one did nothing. */
  readonly busy: boolean;
  /** What each job came to; null where it failed. A job that had no time is not in it. */
  readonly jobs: Readonly<Record<string, Figures | null>>;
  /** The job with which the next tick begins; null: as always. */
  readonly next: string | null;
}

const BUSY: Tick = { busy: true, jobs: {}, next: null };

/** All of them, from the one with this name on. */
const from = (jobs: readonly Job[], name: string | null): readonly Job[] => {
  const at = jobs.findIndex((job) => job.name === name);
  return at <= 0 ? jobs : [...jobs.slice(at), ...jobs.slice(0, at)];
};

/** Counts of two runs are added up; a figure that is a state is that of the later run. */
const together = ({ states = [] }: Job, before: Figures, after: Figures): Figures =>
  Object.fromEntries(
    Object.entries(after).map(([name, figure]) => [
      name,
      states.includes(name) ? figure : figure + (before[name] ?? 0),
    ]),
  );

/**
 * Runs jobs one after another while it holds the lease. Each gets its share of the time that is left, so that one with
 * much to do takes no other's turn; those that were cut short share what then remains. Each keeps its place in the
 * store, and the next tick begins with the first that had no time.
 */
export const runTick = async (deps: Deps, jobs: readonly Job[], observe?: JobObserver): Promise<Tick> => {
  const lease = await takeLease(deps);
  if (lease === null) return BUSY;
  const start = deps.clock.monotonic();
  const left = (): number => TICK_MS - (deps.clock.monotonic() - start);
  const results: Record<string, Figures | null> = {};
  let waiting = from(jobs, lease.next);
  while (waiting.length > 0 && left() > 0) {
    const late: Job[] = [];
    const cut: Job[] = [];
    for (const [i, job] of waiting.entries()) {
      if (left() <= 0) {
        late.push(job);
        continue;
      }
      const run = createRun(deps.clock, left() / (waiting.length - i));
      const figures = await runJob({ ...deps, run }, job, observe);
      const before = results[job.name];
      results[job.name] = figures && before ? together(job, before, figures) : figures;
      if (figures && run.wasCut) cut.push(job);
    }
    waiting = [...late, ...cut];
  }
  const isOfAnother = jobs.every(({ name }) => name !== lease.next);
  const next = waiting[0]?.name ?? (isOfAnother ? lease.next : null);
  const done = Object.entries(results).filter((entry): entry is [string, Figures] => entry[1] !== null);
  await unlessItFails(deps, { lease: lease.holder }, 'a lease was not given back; it ends by itself', () =>
    giveLeaseBack(deps, lease, { next, figures: Object.fromEntries(done) }),
  );
  return { busy: false, jobs: results, next };
};
