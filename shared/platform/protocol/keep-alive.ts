import { SILENT_INTERVALS } from './bounds.ts';

export interface KeepAlive {
  heard(): void;
  stop(): void;
}

/**
 * Pings a peer after each silent interval, and reports it dead after three silent intervals. An interval of 0 turns
 * this off.
 */
export const keepAlive = (interval_ms: number, on: { ping(): void; dead(): void }): KeepAlive => {
  if (interval_ms <= 0) return { heard: () => {}, stop: () => {} };
  let silent = 0;
  const handle = setInterval(() => {
    silent++;
    if (silent >= SILENT_INTERVALS) on.dead();
    else on.ping();
  }, interval_ms);
  handle.unref();
  return {
    heard: () => {
      silent = 0;
    },
    stop: () => clearInterval(handle),
  };
};
