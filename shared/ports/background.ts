import type { LogFields } from './logger.ts';

/**
 * Work that outlives an answer. No caller waits for it, and a crash only delays it. Everything that a
 * service starts without awaiting goes through this port, so that a shutdown can wait for it.
 */
export interface Background {
  /** Starts `work` at once. An error of it is logged with the label and `about`, and goes no further. */
  run(label: string, work: () => Promise<void>, about?: LogFields): void;
  /**
   * Waits until nothing runs, work that was started meanwhile included, or `ms` have passed.
   * @returns the labels of what still runs then, one for each
   */
  drain(ms: number): Promise<readonly string[]>;
}
