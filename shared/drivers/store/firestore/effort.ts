import type { Clock } from '#ports/clock.ts';
import { StoreBusy } from '#ports/store.ts';

/** How long a call is tried before it is given up. */
const DEADLINE_MS = 30_000;
/** Pauses of one call grow up to this. */
const LONGEST_PAUSE_MS = 4_000;
const SHORT = { first_ms: 100, growth: 1.8 } as const;
const LONG = { first_ms: 1_000, growth: 2 } as const;

/** The tries of one call: when the next one is due, and when it is enough. */
export class Effort {
  readonly #clock: Clock;
  readonly #fraction: () => number;
  readonly #until: number;
  #tries = 0;

  constructor(clock: Clock, fraction: () => number) {
    this.#clock = clock;
    this.#fraction = fraction;
    this.#until = clock.monotonic() + DEADLINE_MS;
  }

  over(): boolean {
    return this.#clock.monotonic() >= this.#until;
  }

  /**
   * Waits before the next try, between nothing and a pause that grows.
   * @param met the try has met another process: they know nothing of each other, and must not meet again
   */
  async pause(met = false): Promise<void> {
    const { first_ms, growth } = met ? LONG : SHORT;
    const most = Math.min(LONGEST_PAUSE_MS, first_ms * growth ** this.#tries);
    this.#tries += 1;
    await this.#clock.sleep(this.#fraction() * most);
  }
}

/** What met others, or found no service, until its time was over. */
export const busy = (cause: unknown): StoreBusy =>
  new StoreBusy('Firestore did not take it within 30 s; the same call may be tried again', { cause });

/**
 * The transactions of this process that are tried again take turns. Together they would meet each other at every try.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #through = 0;

  /** How many of them have got through so far. */
  get through(): number {
    return this.#through;
  }

  gotThrough(): void {
    this.#through += 1;
  }

  /** @returns the way to end the turn */
  async take(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = before.then(() => promise);
    await before;
    return resolve;
  }
}
