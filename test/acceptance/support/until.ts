import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 100;
/**
 * Limits of the suite are for what hangs, never a measure of speed: on a machine where twenty processes compete for two
 * cores everything takes ten to twenty times as long, and its tests pass all the same.
 */
export const HANGS_SECONDS = 300;

/** Asks again until there is something. @throws Error saying what did not come */
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
