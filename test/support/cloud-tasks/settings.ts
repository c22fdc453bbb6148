import type { Duration, RateLimits, RetryConfig } from './messages.ts';
import { msOf, timestampOf } from './messages.ts';
import type { Limits } from './pace.ts';
import { invalid } from './refusal.ts';
import type { Retries } from './retries.ts';

const HOUR_MS = 3_600_000;

/** An unset scalar and 0 are the same on the wire: both take the default. */
const scalar = (value: number | undefined, fallback: number): number =>
  value === undefined || value === 0 ? fallback : value;

const duration = (name: string, value: Duration | undefined, fallback: number): number => {
  if (value === undefined) return fallback;
  const ms = msOf(value);
  if (ms < 0) throw invalid(`${name} must not be negative.`);
  return ms;
};

/** The rate limits of a queue. The burst is the server’s own choice: a fifth of the rate, 10 for a rate of 1 or less. */
export const readLimits = (given: RateLimits = {}): Limits => {
  const rate = scalar(given.maxDispatchesPerSecond, 500);
  const concurrent = scalar(given.maxConcurrentDispatches, 1000);
  if (!(rate > 0 && rate <= 500)) throw invalid('RateLimits.max_dispatches_per_second must be in the range (0, 500].');
  if (!(concurrent > 0 && concurrent <= 5000)) {
    throw invalid('RateLimits.max_concurrent_dispatches must be in the range [1, 5000].');
  }
  return {
    max_dispatches_per_second: rate,
    max_burst_size: rate <= 1 ? 10 : Math.ceil(rate / 5),
    max_concurrent_dispatches: concurrent,
  };
};

export const readRetries = (given: RetryConfig = {}): Retries => {
  const attempts = scalar(given.maxAttempts, 100);
  if (attempts < -1) throw invalid('RetryConfig.max_attempts must be -1 or greater.');
  const min_backoff_ms = duration('RetryConfig.min_backoff', given.minBackoff, 100);
  const max_backoff_ms = duration('RetryConfig.max_backoff', given.maxBackoff, HOUR_MS);
  if (min_backoff_ms > max_backoff_ms) throw invalid('RetryConfig.min_backoff must not exceed max_backoff.');
  // Cut off to whole seconds; 0 stands for no limit.
  const retry_ms = Math.floor(duration('RetryConfig.max_retry_duration', given.maxRetryDuration, 0) / 1000) * 1000;
  return {
    max_attempts: attempts === -1 ? null : attempts,
    max_retry_ms: retry_ms === 0 ? null : retry_ms,
    min_backoff_ms,
    max_backoff_ms,
    max_doublings: scalar(given.maxDoublings, 16),
  };
};

export const limitsMessage = (limits: Limits): RateLimits => ({
  maxDispatchesPerSecond: limits.max_dispatches_per_second,
  maxBurstSize: limits.max_burst_size,
  maxConcurrentDispatches: limits.max_concurrent_dispatches,
});

export const retriesMessage = (retries: Retries): RetryConfig => ({
  maxAttempts: retries.max_attempts ?? -1,
  maxRetryDuration: timestampOf(retries.max_retry_ms ?? 0),
  minBackoff: timestampOf(retries.min_backoff_ms),
  maxBackoff: timestampOf(retries.max_backoff_ms),
  maxDoublings: retries.max_doublings,
});

/** Replaces of the one what the mask names of the other: a whole part, or one field of it. */
export const merged = <T extends object>(part: string, now: T, given: T | undefined, paths: readonly string[]): T => {
  const camel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (paths.length === 0 || paths.map(camel).includes(part)) return given ?? ({} as T);
  const fields = paths
    .map(camel)
    .filter((path) => path.startsWith(`${part}.`))
    .map((path) => path.slice(part.length + 1));
  const next: Record<string, unknown> = Object.fromEntries(Object.entries(now));
  for (const field of fields) next[field] = (given as Readonly<Record<string, unknown>> | undefined)?.[field];
  return next as T;
};
