import type { Buckets } from '#ports/buckets.ts';
import type { Process, Universe } from '../world/process.ts';

/** Folders somewhere, by key; `onRemove` hears of every one that goes. */
export class SimulatedBuckets {
  readonly #universe: Universe;
  readonly #kind: string;
  readonly #onRemove: (key: string) => void;
  readonly there = new Map<string, number>();

  constructor(universe: Universe, kind: string, onRemove: (key: string) => void) {
    this.#universe = universe;
    this.#kind = kind;
    this.#onRemove = onRemove;
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
      ensure: (key, size_mb) =>
        process.reach(
          `${this.#kind} ensure ${key}`,
          () => void this.there.set(key, Math.max(size_mb, this.there.get(key) ?? 0)),
          prompt,
        ),
      remove: (key) =>
        process.reach(
          `${this.#kind} remove ${key}`,
          () => {
            if (this.there.delete(key)) this.#onRemove(key);
          },
          faults,
        ),
      usage: (key) => process.reach(`${this.#kind} usage ${key}`, () => (this.there.has(key) ? 1 : null), prompt),
      list: () => process.reach(`${this.#kind} list`, () => [...this.there.keys()], prompt),
    };
  }
}
