import { backoff } from '#platform/retry.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import { StorageUnavailable } from '#ports/storages.ts';

export interface ChangeLaneOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly ids: Pick<Ids, 'fraction'>;
  /** Between the starts of two changes. */
  readonly every_ms: number;
  /** A change that would wait longer for its turn is refused at once: its caller tries again later. */
  readonly patience_ms: number;
  readonly isThrottled: (error: unknown) => boolean;
}

/** How often a change is tried in its turn while the project's limit is met. */
const TRIES = 3;
/** The longest pause after a refusal, as a multiple of the usual one. */
const LONGEST_PAUSE = 16;

/**
 * Makes changes one at a time and so many a second. Google allows a project about one bucket made or deleted in two
 * seconds. Other processes of the deployment share that limit, so a change may meet it all the same: then this lane
 * pauses, each time longer.
 */
export class ChangeLane {
  readonly #options: ChangeLaneOptions;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** When the next change may begin, by the monotonic clock. */
  #next = 0;
  /** Refusals since the last change that was made. */
  #refusals = 0;

  constructor(options: ChangeLaneOptions) {
    this.#options = options;
  }

  /** @throws StorageUnavailable if its turn is too far off, or the project's limit was met at each try */
  async run<T>(change: () => Promise<T>): Promise<T> {
    const { clock, every_ms, patience_ms } = this.#options;
    const wait = Math.max(0, this.#next - clock.monotonic()) + this.#waiting * every_ms;
    if (wait > patience_ms)
      throw new StorageUnavailable(
        `${this.#waiting} other buckets are made or deleted first, one in ${every_ms / 1000} s; try again later`,
      );
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#turn(change));
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #turn<T>(change: () => Promise<T>): Promise<T> {
    const { clock, ids, every_ms, isThrottled } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const wait = this.#next - clock.monotonic();
      if (wait > 0) await clock.sleep(wait);
      this.#next = clock.monotonic() + every_ms;
      try {
        const made = await change();
        this.#refusals = 0;
        return made;
      } catch (error) {
        if (!isThrottled(error)) throw error;
        this.#refusals += 1;
        const pause = backoff(this.#refusals, 2 * every_ms, LONGEST_PAUSE * every_ms, ids.fraction());
        this.#next = clock.monotonic() + pause;
        if (attempt >= TRIES) throw error;
      }
    }
  }
}
