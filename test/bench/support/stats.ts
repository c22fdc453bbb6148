/** The value below which a share of the samples lies, by the nearest rank. @throws Error without a sample */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (found === undefined) throw new Error('nothing was measured');
  return found;
};

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** Milliseconds that `run` takes. */
export const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await run();
  return performance.now() - started;
};
