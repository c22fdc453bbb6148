import { ConnectionFailed, OnMemOSError, ServerAway } from '../errors.ts';
import { retryDelayMs } from './backoff.ts';
import type { Contact } from './contact.ts';

/** A server that starts again is asked this often at least, so that it is found soon. */
const LONGEST_PAUSE_AWAY_MS = 2_000;
const PROXY_STATUS = new Set([502, 503, 504]);

export interface RetryLimits {
  readonly baseUrl: string;
  /** How often at most. 0: never, also not while the server is away. */
  readonly most: number;
  /** Seconds for which a server that has answered before is waited for. */
  readonly reconnectSeconds: number;
}

/**
 * Whether and when a call is made again: a number of times, and, where the server has answered this client before and
 * can't be reached now, until it has been away for `reconnectSeconds`.
 */
export class Retries {
  readonly #contact: Contact;
  readonly #limits: RetryLimits;
  #failures = 0;
  /** Since when this could not be done: the server may answer, and still break off each connection. */
  #awaySince: number | null = null;

  constructor(contact: Contact, limits: RetryLimits) {
    this.#contact = contact;
    this.#limits = limits;
  }

  /** Milliseconds before the next attempt. @throws the error, or ServerAway, where there is none */
  delayAfter(error: unknown, now: number = Date.now()): number {
    const delay = this.#limits.most === 0 ? null : retryDelayMs(error, this.#failures);
    if (delay === null) throw error;
    const awayMs = isAway(error) ? this.#away(now) : null;
    const { baseUrl, most, reconnectSeconds } = this.#limits;
    this.#failures++;
    if (awayMs !== null && awayMs < reconnectSeconds * 1000) return Math.min(delay, LONGEST_PAUSE_AWAY_MS);
    if (this.#failures <= most) return delay;
    if (awayMs === null || reconnectSeconds === 0) throw error;
    throw new ServerAway(baseUrl, error, awayMs / 1000);
  }

  /** Something came: the next failure is the first one again. */
  progressed(): void {
    this.#failures = 0;
    this.#awaySince = null;
  }

  #away(now: number): number | null {
    const all = this.#contact.away(now);
    this.#awaySince ??= now;
    return all === null ? null : Math.max(all, now - this.#awaySince);
  }
}

/** Whether a proxy answered in the server's place. The server's own answers have a request id. */
export const isOfAProxy = (error: unknown): boolean =>
  error instanceof OnMemOSError && PROXY_STATUS.has(error.status ?? 0) && error.request_id === null;

/** Whether no connection came about, or one broke: not where an answer alone took too long. */
const isAway = (error: unknown): boolean => {
  if (!(error instanceof ConnectionFailed)) return isOfAProxy(error);
  return !(error.cause instanceof Error && error.cause.name === 'TimeoutError');
};
