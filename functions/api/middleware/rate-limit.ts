import type { MiddlewareHandler } from 'hono';
import { Problem } from '#contract/errors.ts';
import type { ApiEnv } from '../context.ts';
import type { ApiDeps } from '../deps.ts';

interface Bucket {
  tokens: number;
  /** Monotonic milliseconds at which `tokens` was calculated. */
  at: number;
}

/** Above this many keys, keys with a full bucket are forgotten. */
const MANY_KEYS = 10_000;

/**
 * A token bucket per key: `rate` requests per second, and bursts of the same number. Instances know nothing of each
 * other's requests, so each allows the limit divided by the greatest number of them: together never more than the
 * limit (but for one request at once on each), and less while fewer of them run or a key meets some more often.
 */
export const rateLimit = (api: ApiDeps): MiddlewareHandler<ApiEnv> => {
  const { rate_limit_per_second: limit, most_instances } = api.settings;
  if (limit === null) return (_c, next) => next();
  const rate = limit / most_instances;
  const size = Math.max(1, rate);
  const buckets = new Map<string, Bucket>();

  const take = (keyId: string): number => {
    const now = api.clock.monotonic();
    const bucket = buckets.get(keyId) ?? { tokens: size, at: now };
    bucket.tokens = Math.min(size, bucket.tokens + ((now - bucket.at) / 1000) * rate);
    bucket.at = now;
    if (buckets.size >= MANY_KEYS && !buckets.has(keyId)) forgetFull(buckets, size, rate, now);
    buckets.set(keyId, bucket);
    if (bucket.tokens < 1) return (1 - bucket.tokens) / rate;
    bucket.tokens -= 1;
    return 0;
  };

  return async (c, next) => {
    const wait = take(c.get('actor')?.key_id ?? '');
    if (wait > 0) {
      throw new Problem(
        'rate_limited',
        `This key may make at most ${limit} requests per second. Wait for the seconds in Retry-After, then make the same call again.`,
        { retry_after: wait },
      );
    }
    await next();
  };
};

const forgetFull = (buckets: Map<string, Bucket>, size: number, rate: number, now: number): void => {
  for (const [key, bucket] of buckets) {
    if (bucket.tokens + ((now - bucket.at) / 1000) * rate >= size) buckets.delete(key);
  }
};
