import { systemClock } from '#platform/clock.ts';
import type { Clock } from '#ports/clock.ts';

export interface ManualClock extends Clock {
  /** Runs, in order, every timer that is due within the next `ms`. */
  advance(ms: number): void;
  /** Sets the wall clock forward, or back by a negative number. No time passes. */
  step(ms: number): void;
}

/** Time that stands still until it is moved. Sleeps are real: nothing here waits for one. */
export const manualClock = (): ManualClock => {
  let elapsed = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  let start = systemClock.now();
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    sleep: systemClock.sleep,
    timer: (ms, run) => {
      const timer = { at: elapsed + ms, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    step: (ms) => {
      start += ms;
    },
    advance: (ms) => {
      const end = elapsed + ms;
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers.delete(next);
        elapsed = next.at;
        next.run();
      }
      elapsed = end;
    },
  };
};
