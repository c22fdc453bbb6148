import type { Buckets } from '#ports/buckets.ts';
import type { Process, Universe } from '../world/process.ts';

/** Folders somewhere, by key; `onRemove` hears of every one that goes, `used` says how much is in one. */
export class SimulatedBuckets {
  readonly #universe: Universe;
  readonly #kind: string;
  readonly #onRemove: (key: string) => void;
  readonly #used: (key: string, since: number) => number;
  /** When each was made. */
  readonly there = new Map<string, number>();

  constructor(
    universe: Universe,
    kind: string,
    onRemove: (key: string) => void,
    used: (key: string, since: number) => number,
  ) {
    this.#universe = universe;
    this.#kind = kind;
    this.#onRemove = onRemove;
    this.#used = used;
  }

  for(process: Process): Buckets {
    const faults = {
      rate: this.#universe.chaos.buckets,
      error: () => new Error(`the ${this.#kind} did not answer`),
      lingering_ms: 8_000,
    };
    const prompt = { rate: faults.rate, error: faults.error };
    return {
      kind: this.#kind,
      size_limit: 'watched',
      ensure: (key) =>
        process.reach(
          `${this.#kind} ensure ${key}`,
          () => void this.there.set(key, this.there.get(key) ?? this.#universe.timeline.now),
          faults,
        ),
      remove: (key) =>
        process.reach(
          `${this.#kind} remove ${key}`,
          () => {
            if (this.there.delete(key)) this.#onRemove(key);
          },
          faults,
        ),
      usage: (key) =>
        process.reach(
          `${this.#kind} usage ${key}`,
          () => {
            const made = this.there.get(key);
            return made === undefined ? null : this.#used(key, made);
          },
          prompt,
        ),
      list: () => process.reach(`${this.#kind} list`, () => [...this.there.keys()], prompt),
    };
  }
}
