import { createPublicKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { CallersUnavailable } from '#ports/callers.ts';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';

export interface SigningKeysOptions {
  readonly url: string;
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
  readonly log: Logger;
}

/** The public keys of an issuer, kept from one call to the next. */
export interface SigningKeys {
  /** Fetches the keys, so that the first call finds them. It never throws: a later call fetches again. */
  warm(): Promise<void>;
  /**
   * A key as PEM; null if the issuer has none of this id.
   * @throws CallersUnavailable if this can't be known now
   */
  find(id: string): Promise<string | null>;
}

/** A fetch that takes longer has failed. */
const FETCH_LIMIT_MS = 5_000;
/** How long keys are used without asking again, where the answer does not say it or says something odd. */
const DEFAULT_AGE_MS = 3_600_000;
const LEAST_AGE_MS = 60_000;
const MOST_AGE_MS = 86_400_000;
/** Pause after a failed fetch while there are keys, and between two fetches for ids that are not known. */
const PAUSE_MS = 60_000;
/** Pause after a failed fetch while there are none. */
const SHORT_PAUSE_MS = 1_000;

/**
 * The library has a cache of its own, without a time limit, which does not look again for an id that it lacks. This one
 * fetches once at a time and keeps the last keys that it got.
 */
export const signingKeys = ({ url, clock, log }: SigningKeysOptions): SigningKeys => {
  let keys: ReadonlyMap<string, string> = new Map();
  let staleAt = Number.NEGATIVE_INFINITY;
  let failedAt: number | null = null;
  let forcedAt = Number.NEGATIVE_INFINITY;
  let flight: Promise<void> | null = null;

  const refresh = async (): Promise<void> => {
    try {
      const fetched = await fetchKeys(url, clock);
      keys = fetched.keys;
      staleAt = clock.monotonic() + fetched.age_ms;
      failedAt = null;
    } catch (error) {
      failedAt = clock.monotonic();
      log.warn({ url, keys: keys.size, err: error }, 'the keys of callers could not be fetched');
    }
  };
  /** Calls that come while a fetch is under way share it. */
  const fetchOnce = (): Promise<void> => {
    flight ??= refresh().finally(() => {
      flight = null;
    });
    return flight;
  };
  const paused = (): boolean =>
    failedAt !== null && clock.monotonic() < failedAt + (keys.size === 0 ? SHORT_PAUSE_MS : PAUSE_MS);

  return {
    warm: fetchOnce,
    find: async (id) => {
      const stale = clock.monotonic() >= staleAt && !paused();
      // Awaited: between two requests a function may have no processor to fetch with.
      if (stale) await fetchOnce();
      if (!stale && !keys.has(id)) {
        if (flight === null && clock.monotonic() >= forcedAt + PAUSE_MS) {
          forcedAt = clock.monotonic();
          await fetchOnce();
        } else if (flight !== null) await flight;
      }
      const found = keys.get(id);
      if (found !== undefined) return found;
      if (failedAt !== null) throw new CallersUnavailable('the keys of callers could not be fetched');
      return null;
    },
  };
};

interface Fetched {
  readonly keys: ReadonlyMap<string, string>;
  readonly age_ms: number;
}

/** @throws Error if there is no answer in time, or none with keys in it */
const fetchKeys = async (url: string, clock: Pick<Clock, 'timer'>): Promise<Fetched> => {
  const limit = new AbortController();
  const timer = clock.timer(FETCH_LIMIT_MS, () => limit.abort(new Error(`no answer within ${FETCH_LIMIT_MS} ms`)));
  try {
    const answer = await fetch(url, { signal: limit.signal, redirect: 'error' });
    if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
    const keys = readKeys(await answer.json());
    if (keys.size === 0) throw new Error('the answer had no keys');
    return { keys, age_ms: ageOf(answer.headers.get('cache-control')) };
  } finally {
    timer.cancel();
  }
};

const ageOf = (cacheControl: string | null): number => {
  const seconds = /(?:^|[\s,])max-age=(\d{1,9})/.exec(cacheControl ?? '')?.[1];
  if (seconds === undefined) return DEFAULT_AGE_MS;
  return Math.min(Math.max(Number(seconds) * 1000, LEAST_AGE_MS), MOST_AGE_MS);
};

/** Reads both forms in which Google publishes its keys: a map of certificates, and a set of JSON Web Keys. */
const readKeys = (body: unknown): ReadonlyMap<string, string> => {
  if (typeof body !== 'object' || body === null) throw new Error('the answer is no object');
  const isSet = 'keys' in body && Array.isArray(body.keys);
  const given: readonly (readonly [unknown, () => KeyObject])[] = isSet
    ? (body.keys as readonly unknown[]).map((key) => [Object(key).kid, () => fromSet(key)])
    : Object.entries(body).map(([id, text]) => [id, () => createPublicKey(String(text))]);
  return new Map(
    given.flatMap(([id, read]) => {
      const text = typeof id === 'string' ? readable(read) : null;
      return text === null ? [] : [[String(id), text] as const];
    }),
  );
};

const fromSet = (key: unknown): KeyObject => createPublicKey({ key: key as JsonWebKeyInput['key'], format: 'jwk' });

/** As PEM. A key of a kind that is not known yet is left out: the others are as good as before. */
const readable = (read: () => KeyObject): string | null => {
  try {
    return read().export({ type: 'spki', format: 'pem' });
  } catch {
    return null;
  }
};
