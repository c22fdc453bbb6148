import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '#ports/clock.ts';

/** Node's timers hold a signed 32-bit delay; anything longer would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

const timer = (ms: number, run: () => void): Timer => {
  const end = performance.now() + ms;
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    const left = Math.max(0, end - performance.now());
    if (left > LONGEST_DELAY_MS) handle = setTimeout(arm, LONGEST_DELAY_MS);
    else handle = setTimeout(run, left);
    handle.unref();
  };
  arm();
  return { cancel: () => clearTimeout(handle) };
};

const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const end = performance.now() + ms;
    let handle: NodeJS.Timeout;
    const aborted = (): void => {
      clearTimeout(handle);
      reject(signal?.reason);
    };
    const arm = (): void => {
      const left = Math.max(0, end - performance.now());
      if (left > LONGEST_DELAY_MS) handle = setTimeout(arm, LONGEST_DELAY_MS);
      else
        handle = setTimeout(() => {
          signal?.removeEventListener('abort', aborted);
          resolve();
        }, left);
    };
    signal?.addEventListener('abort', aborted, { once: true });
    arm();
  });

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
  timer,
};
