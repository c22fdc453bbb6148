import type { Clock } from '#ports/clock.ts';

export interface ReadinessOptions {
  /** Asks what serving depends on. It throws where that can't be reached. */
  readonly probe: () => Promise<unknown>;
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
}

/** An answer is good for so long: strangers may ask too, and a probe of the store is a read that is billed. */
const KEPT_MS = 5_000;
/** A probe without an answer has failed by then. */
const PROBE_LIMIT_MS = 10_000;
/** Single failures pass. After so long without a success an instance is no use. */
const PATIENCE_MS = 60_000;

/**
 * Whether something that this process depends on can be reached: `ok`, or in a few words what is wrong. It is not
 * before the first success, and not any more after 60 s of failures alone.
 */
export const readiness = ({ probe, clock }: ReadinessOptions): (() => Promise<string>) => {
  let reachedAt: number | null = null;
  let asked: { readonly at: number; readonly answer: Promise<string> } | null = null;

  const ask = async (): Promise<string> => {
    const late = Promise.withResolvers<never>();
    const limit = clock.timer(PROBE_LIMIT_MS, () => late.reject(new Error(`no answer within ${PROBE_LIMIT_MS} ms`)));
    try {
      await Promise.race([probe(), late.promise]);
      reachedAt = clock.monotonic();
      return 'ok';
    } catch (error) {
      if (reachedAt !== null && clock.monotonic() - reachedAt < PATIENCE_MS) return 'ok';
      return error instanceof Error ? error.message : String(error);
    } finally {
      limit.cancel();
    }
  };

  return () => {
    if (asked === null || clock.monotonic() - asked.at >= KEPT_MS) asked = { at: clock.monotonic(), answer: ask() };
    return asked.answer;
  };
};
