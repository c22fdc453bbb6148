import type { Behaviour } from './behaviour.ts';
import type { ServerClock } from './server-clock.ts';

/** The retry settings of a queue, with nothing left out. Milliseconds; no attempts and no duration mean no limit. */
export interface Retries {
  readonly max_attempts: number | null;
  readonly max_retry_ms: number | null;
  readonly min_backoff_ms: number;
  readonly max_backoff_ms: number;
  readonly max_doublings: number;
}

/**
 * The pause after so many failed attempts: it begins with the least, doubles so many times, then grows by what it has
 * grown to, up to the longest.
 */
export const pauseAfter = (
  failures: number,
  retries: Retries,
  behaviour: Behaviour,
  chance = Math.random(),
): number => {
  const whole = (ms: number): number => (behaviour.backoff_fractions === 'cut' ? Math.floor(ms / 1000) * 1000 : ms);
  const [least, longest] = [whole(retries.min_backoff_ms), whole(retries.max_backoff_ms)];
  let pause = least;
  const doubled = least * 2 ** retries.max_doublings;
  for (let n = 1; n < failures && pause < longest; n++) pause += n <= retries.max_doublings ? pause : doubled;
  const planned = Math.min(pause, Math.max(least, longest));
  return Math.min(planned * (1 + behaviour.jitter * chance), Math.max(least, longest));
};

/** A task is dropped when its attempts are used up and its time is over: both. */
export const isSpent = (
  attempts: number,
  first: number,
  { max_attempts, max_retry_ms }: Retries,
  { unlimited_attempts }: Behaviour,
  clock: ServerClock,
): boolean => {
  const isOver = max_retry_ms === null || clock.between(first, clock.now()) >= max_retry_ms;
  if (max_attempts === null) return unlimited_attempts === 'until the duration' && max_retry_ms !== null && isOver;
  return attempts >= max_attempts && isOver;
};
