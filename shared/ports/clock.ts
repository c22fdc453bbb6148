/** Time, as everything outside `platform/` and `drivers/` sees it. Simulations replace it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch (UTC). May jump; never use it to measure durations. */
  now(): number;
  /** Milliseconds that only grow; for durations and timeouts. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms`. A pending timer never keeps the process alive. */
  timer(ms: number, run: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** An instant as the wire and the store carry it: ISO 8601, UTC, milliseconds, so that text order is time order. */
export const iso = (epochMs: number): string => new Date(epochMs).toISOString();
export const epochMs = (instant: string): number => Date.parse(instant);
