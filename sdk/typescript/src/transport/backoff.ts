import { ConnectionFailed, OnMemOSError } from '../errors.ts';

const FIRST_MS = 100;
const MOST_MS = 5_000;
/** A server that asks for more than this is obeyed by giving up: the caller is told when to come again. */
const LONGEST_RETRY_AFTER_S = 60;

/** Milliseconds before attempt `attempt` (0: the first retry), drawn from the whole span. */
export const backoffMs = (attempt: number, random: () => number = Math.random): number =>
  random() * Math.min(MOST_MS, FIRST_MS * 2 ** attempt);

/** Milliseconds before the same call may be made again; null where it may not. */
export const retryDelayMs = (error: unknown, attempt: number): number | null => {
  if (!(error instanceof OnMemOSError)) return null;
  if (!(error instanceof ConnectionFailed) && !error.retryable) return null;
  const asked = error.retry_after ?? 0;
  if (asked > LONGEST_RETRY_AFTER_S) return null;
  return Math.max(asked * 1000, backoffMs(attempt));
};

/** Sleeps. @throws the signal's reason when it is aborted before */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
