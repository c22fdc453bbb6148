import type { Clock } from '#ports/clock.ts';

/**
 * Time to compare what is due with: epoch milliseconds that never step back. It follows the wall clock where that is
 * ahead (a machine that slept, a clock that was set forward), and otherwise goes on by the monotonic clock, so that a
 * wall clock that is set back delays nothing. It is no instant for a record: convert one when it arrives, by `dueAt`.
 */
export interface SteadyClock {
  now(): number;
  /** When an instant of the wall clock is due by this clock, as the wall clock is now. */
  dueAt(instant: number): number;
}

export const steadyClock = (clock: Pick<Clock, 'now' | 'monotonic'>): SteadyClock => {
  let steady = clock.now();
  let seen = clock.monotonic();
  const now = (): number => {
    const elapsed = clock.monotonic() - seen;
    seen += elapsed;
    steady = Math.max(steady + elapsed, clock.now());
    return steady;
  };
  return { now, dueAt: (instant) => now() + instant - clock.now() };
};
