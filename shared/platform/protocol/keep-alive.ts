export interface KeepAlive {
  heard(): void;
  stop(): void;
}

/** Pings a silent peer every `interval_ms` and gives it up after three silent intervals. 0 does nothing. */
export const keepAlive = (interval_ms: number, on: { ping(): void; dead(): void }): KeepAlive => {
  if (interval_ms <= 0) return { heard: () => {}, stop: () => {} };
  let silent = 0;
  const handle = setInterval(() => {
    silent++;
    if (silent > 3) on.dead();
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
