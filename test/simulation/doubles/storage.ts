import { type StorageDriver, type StorageKind, type StorageRemoval, StorageUnavailable } from '#ports/storages.ts';
import type { Process, Universe } from '../world/process.ts';

/** One kind of storage in the simulation. */
export interface StorageManners {
  readonly provider: string;
  readonly kind: StorageKind;
  /** Whether the size of the contents can be measured. */
  readonly measured: boolean;
}

export interface StorageWitness {
  /** Is called when the bytes of a volume or bucket were removed. */
  removed(key: string): void;
  /** The MiB in a volume or bucket that was created at this time. */
  held(key: string, since: number): number;
}

/** Volumes or buckets by key. */
export class SimulatedStorage {
  readonly #universe: Universe;
  readonly #manners: StorageManners;
  readonly #witness: StorageWitness;
  /** The time of creation of each. */
  readonly there = new Map<string, number>();
  /** How often each was to be removed. */
  readonly #removals = new Map<string, number>();

  constructor(universe: Universe, manners: StorageManners, witness: StorageWitness) {
    this.#universe = universe;
    this.#manners = manners;
    this.#witness = witness;
  }

  /**
   * The remaining storage of known size, and that of unknown size which is older than `age_ms`, so that a sweep may
   * remove it.
   */
  left(age_ms: number): string[] {
    const oldest = this.#universe.timeline.now - age_ms;
    return [...this.there].filter(([, made]) => this.#manners.measured || made < oldest).map(([key]) => key);
  }

  /** Some hold more than one call removes: up to two calls end with more to do. */
  #hasMore(key: string): boolean {
    const calls = (this.#removals.get(key) ?? 0) + 1;
    this.#removals.set(key, calls);
    return this.#manners.kind === 'bucket' && this.there.has(key) && calls <= key.charCodeAt(key.length - 1) % 3;
  }

  for(process: Process): StorageDriver {
    const { provider, kind, measured } = this.#manners;
    const { timeline, chaos } = this.#universe;
    const error = (): Error => new StorageUnavailable(`the ${kind} did not answer`);
    const prompt = { rate: chaos.storage, error };
    const lingering = { ...prompt, lingering_ms: 8_000 };
    const call = <R>(what: string, effect: () => R, faults = prompt): Promise<R> =>
      process.reach(`${provider} ${kind} ${what}`, effect, faults);
    const held = (key: string): number | null => {
      const made = this.there.get(key);
      return made === undefined ? null : this.#witness.held(key, made);
    };
    return {
      provider,
      kind,
      size_limit: 'watched',
      ensure: ({ key }) =>
        call(`ensure ${key}`, () => void this.there.set(key, this.there.get(key) ?? timeline.now), lingering),
      remove: ({ key }) =>
        call(
          `remove ${key}`,
          (): StorageRemoval => {
            if (this.#hasMore(key)) return 'more';
            if (this.there.delete(key)) this.#witness.removed(key);
            return 'gone';
          },
          lingering,
        ),
      usage: ({ key }) => call(`usage ${key}`, () => (measured ? held(key) : null)),
      isEmpty: ({ key }) =>
        call(`isEmpty ${key}`, () => {
          if (!measured && this.there.has(key)) return 'unknown';
          return (held(key) ?? 0) === 0 ? 'yes' : 'no';
        }),
      list: () =>
        call('list', () =>
          [...this.there].map(([key, created_at]) => ({ place: { key, owner: '', workspace_id: '' }, created_at })),
        ),
    };
  }
}
