import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 100;
/**
 * The suite's limits find tests that hang; they don't measure speed. If twenty processes compete for two cores, every
 * test takes ten to twenty times as long and must still pass.
 */
export const HANGS_SECONDS = 300;

/** Repeats a question until it has an answer. @throws Error that says what was missing */
export const until = async <T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  seconds = HANGS_SECONDS,
): Promise<T> => {
  for (let left = (seconds * 1000) / EVERY_MS; left > 0; left--) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    await pause(EVERY_MS);
  }
  throw new Error(`${what}: not within ${seconds} s`);
};
