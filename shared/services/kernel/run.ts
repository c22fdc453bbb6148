import type { Clock } from '#ports/clock.ts';

/** One run of a sweep takes no longer than this by itself, milliseconds: Cloud Scheduler calls again after a minute. */
const LONGEST_RUN_MS = 40_000;

/** How long a sweep goes on. It looks after each page, so that it always gets one further. */
export interface Run {
  /** Whether the time is over: then the sweep keeps its place and returns. */
  isOver(): boolean;
  /** Whether a sweep was told so: it may have left something. */
  readonly wasCut: boolean;
}

export const createRun = (clock: Pick<Clock, 'monotonic'>, ms: number): Run => {
  const start = clock.monotonic();
  let wasCut = false;
  return {
    isOver: () => {
      const over = clock.monotonic() - start > ms;
      wasCut ||= over;
      return over;
    },
    get wasCut() {
      return wasCut;
    },
  };
};

/** The run that a job was given, or one of its own. */
export const runOf = ({ clock, run }: { readonly clock: Pick<Clock, 'monotonic'>; readonly run?: Run }): Run =>
  run ?? createRun(clock, LONGEST_RUN_MS);
