import type { Clock } from '#ports/clock.ts';

/**
 * Ends once with a grace period: a later call with less grace shortens the one under way, and one that failed may be
 * tried again.
 * @param run ends everything; it waits only as long as `graceOver()` is false
 */
export const endWithGrace = (
  clock: Pick<Clock, 'monotonic'>,
  run: (graceOver: () => boolean) => Promise<void>,
): ((grace_ms: number) => Promise<void>) => {
  let until = Number.POSITIVE_INFINITY;
  let running: Promise<void> | null = null;
  return (grace_ms) => {
    until = Math.min(until, clock.monotonic() + grace_ms);
    running ??= run(() => clock.monotonic() >= until).catch((error: unknown) => {
      running = null;
      throw error;
    });
    return running;
  };
};
