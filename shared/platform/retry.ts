import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';

export interface RetryOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly ids: Pick<Ids, 'fraction'>;
  /** Calls in all, the first included; without it there is no end but the signal's. */
  readonly attempts?: number;
  readonly min_ms: number;
  readonly max_ms: number;
  readonly signal?: AbortSignal;
  /** False for an error that another call can't cure. */
  readonly retryable?: (error: unknown) => boolean;
}

/**
 * The pause before attempt `attempt` (the first retry is 1), with full jitter above a floor of half: it doubles so many
 * times, and then grows by what it has grown to, as Cloud Tasks does it.
 */
export const backoff = (
  attempt: number,
  min_ms: number,
  max_ms: number,
  fraction: number,
  max_doublings = 30,
): number => {
  const doublings = Math.min(attempt - 1, max_doublings);
  const steps = Math.max(0, attempt - 1 - max_doublings) + 1;
  const ceiling = Math.min(max_ms, min_ms * 2 ** doublings * steps);
  return ceiling / 2 + (ceiling / 2) * fraction;
};

/** Calls `fn` until it resolves. @throws the last error, or the signal's reason when aborted. */
export const retry = async <T>(fn: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await fn(attempt);
    } catch (error) {
      if (attempt >= (options.attempts ?? Number.POSITIVE_INFINITY)) throw error;
      if (options.retryable?.(error) === false) throw error;
      await options.clock.sleep(
        backoff(attempt, options.min_ms, options.max_ms, options.ids.fraction()),
        options.signal,
      );
    }
  }
};
