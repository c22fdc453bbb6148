import { type Store, StoreBusy } from '#ports/store.ts';
import type { Documents } from '../doubles/documents.ts';
import { simulatedStore, Unanswered } from '../doubles/store.ts';
import type { Random } from '../kernel/random.ts';
import type { Failed, Process, Universe } from './process.ts';

/** Where a schedule keeps its documents. */
export interface Keeping {
  /** The Store port of one life of a process. */
  store(process: Process): Store;
  /** Checks at the end that the rules have seen what is kept. @returns counts of events by name */
  end(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

interface KeepingParts {
  readonly universe: Universe;
  /** What the rules see. Has every commit, in its order, before any process has its answer. */
  readonly documents: Documents;
  /** Whether its stores have watches, where that is open. */
  readonly watch: boolean;
}

export type Keep = (parts: KeepingParts) => Promise<Keeping>;

/** StoreBusy says that nothing was written, so it is no error of a call that was done. */
const storeError = (random: Random, failed: Failed): Error =>
  random.chance(0.5) && failed === 'before'
    ? new StoreBusy('the store is busy')
    : new Unanswered('the store did not answer');

/** The documents that the rules see are the store. */
export const inMemory: Keep = async ({ universe: { random, chaos }, documents, watch }) => ({
  store: (process) =>
    simulatedStore(documents, {
      reach: (what, effect) =>
        process.reach(what, effect, { rate: chaos.store, error: (failed) => storeError(random, failed) }),
      pause: (tried) => process.clock.sleep(random.whole(1, 10 * 2 ** Math.min(tried, 4))),
      tries: 6,
      watch,
      looks: () => random.chance(0.5),
      copies: false,
    }),
  end: async () => ({}),
  close: async () => undefined,
});
