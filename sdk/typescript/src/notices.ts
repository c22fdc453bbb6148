import { OnMemOSError } from './errors.ts';
import type { Listing } from './pages.ts';
import { unref } from './transport/platform.ts';
import type { AuditEvent } from './types.ts';

/** What a notice can say. A later server may know more. */
export type NoticeKind = 'budget.threshold' | 'session.ending' | 'session.reclaiming';

/**
 * An entry of the audit log which says that time or money is about to end. `detail` has, by kind: `percent`, `month`,
 * `budget_usd` and `used_usd`; `expires_at`; or `reclaim_at`, which is null if the provider does not say when.
 */
export interface Notice extends AuditEvent {
  /** Which kind it is. */
  readonly kind: NoticeKind | (string & {});
}

/** Options of {@link OnMemOSClient.onNotice} and {@link Session.onNotice}. */
export interface NoticeOptions {
  /** Milliseconds between two questions to the server (default: 2,000). */
  readonly everyMs?: number | undefined;
  /**
   * Called with the error that ends the watch, such as a revoked key. Without it, `ended` rejects with that error. An
   * error after which the same question may succeed does not end the watch.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/** Called with each notice, once. */
export type OnNotice = (notice: Notice) => void | Promise<void>;

const EVERY_MS = 2_000;
/** Newest entries that one question asks for. */
const NEWEST = 100;
/** The last entry of a session. */
const ENDED = ['session.terminated', 'session.failed'];

const noticeOf = (entry: AuditEvent): Notice => ({ ...entry, kind: String(entry.detail['kind']) });

/** What one question found. */
interface Found {
  /** In order. */
  readonly entries: readonly AuditEvent[];
  /** Nothing more can come. */
  readonly last: boolean;
}

/** Asks for the entries of a session, from its beginning. */
export const inSession =
  (events: (signal: AbortSignal) => Listing<AuditEvent>) =>
  async (signal: AbortSignal): Promise<Found> => {
    const entries = await events(signal).all();
    return { entries, last: entries.some(({ action }) => ENDED.includes(action)) };
  };

/** Asks for the newest notices of a user. Those that were there at the first question are not told. */
export const inAudit = (audit: (signal: AbortSignal) => Listing<AuditEvent>) => {
  let before: ReadonlySet<string> | null = null;
  return async (signal: AbortSignal): Promise<Found> => {
    const newest = await audit(signal).all(NEWEST);
    before ??= new Set(newest.map(({ id }) => id));
    const earlier = before;
    return { entries: newest.filter(({ id }) => !earlier.has(id)).reverse(), last: false };
  };
};

/** A watch for notices. It does not keep the program running. */
export class NoticeWatch implements Disposable {
  readonly #stopped = new AbortController();
  /** Resolves when the watch has ended: it was stopped, its session has ended, or an error has ended it. */
  readonly ended: Promise<void>;

  /** @internal */
  constructor(ask: (signal: AbortSignal) => Promise<Found>, told: OnNotice, options: NoticeOptions) {
    const { onError } = options;
    const signal = options.signal ? AbortSignal.any([options.signal, this.#stopped.signal]) : this.#stopped.signal;
    this.ended = watch(ask, told, options.everyMs ?? EVERY_MS, signal).catch((error: unknown) => {
      if (signal.aborted) return;
      if (onError === undefined) throw error;
      onError(error);
    });
  }

  /** Ends the watch. A callback that runs is not broken off. */
  stop(): void {
    this.#stopped.abort();
  }

  /** The same as {@link stop}. */
  [Symbol.dispose](): void {
    this.stop();
  }
}

const watch = async (
  ask: (signal: AbortSignal) => Promise<Found>,
  told: OnNotice,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const seen = new Set<string>();
  while (!signal.aborted) {
    const found = await ask(signal).catch((error: unknown) => {
      if (error instanceof OnMemOSError && (error.retryable || error.code === 'connection_failed')) return null;
      throw error;
    });
    for (const entry of found?.entries ?? []) {
      if (entry.action !== 'notice' || seen.has(entry.id)) continue;
      seen.add(entry.id);
      await told(noticeOf(entry));
    }
    if (found?.last) return;
    await pause(everyMs, signal);
  }
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
    unref(timer);
  });
