import { AsyncLocalStorage } from 'node:async_hooks';
import {
  AlreadyExists,
  CommitUnknown,
  DocumentTooLarge,
  StoreBusy,
  StoreFull,
  TransactionTooLarge,
} from '#ports/store.ts';
import type { Timeline } from '../kernel/timeline.ts';
import type { Commit } from './service.ts';

/** One call of the Store port. */
interface Asked {
  /** Its commits that were done, and those of them that created a document. */
  done: number;
  created: number;
  /** Whether its last commit has writes. */
  writes: boolean;
  /** The error by which the driver has said that nothing is written. */
  nothing: Error | null;
}

/** Errors with which a store says that nothing is written. */
const NOTHING_WRITTEN = [StoreBusy, StoreFull, AlreadyExists, DocumentTooLarge, TransactionTooLarge];

const creates = ({ writes }: Commit): boolean =>
  writes?.some(({ currentDocument }) => currentDocument?.exists === false) ?? false;

/** Checks that the driver says of each call what was done of it, though answers are lost. */
export class Truth {
  readonly #timeline: Timeline;
  readonly #asked = new AsyncLocalStorage<Asked>();
  readonly counts = { 'StoreBusy of the driver': 0, 'CommitUnknown of the driver': 0 };

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** A call of the port, with all that the driver sends for it. */
  async of<R>(call: () => Promise<R>): Promise<R> {
    const asked: Asked = { done: 0, created: 0, writes: false, nothing: null };
    try {
      const result = await this.#asked.run(asked, call);
      this.#demand(!asked.writes || asked.done > 0, 'what the driver says is committed is done');
      return result;
    } catch (error) {
      if (error instanceof StoreBusy) this.counts['StoreBusy of the driver'] += 1;
      if (error instanceof CommitUnknown) this.counts['CommitUnknown of the driver'] += 1;
      if (NOTHING_WRITTEN.some((kind) => error instanceof kind)) asked.nothing = error as Error;
      this.#check(asked);
      throw error;
    }
  }

  /** A commit is sent. @returns what is to be called when it is done */
  sent(commit: Commit): () => void {
    const asked = this.#asked.getStore();
    if (asked === undefined) return () => undefined;
    const writes = (commit.writes?.length ?? 0) > 0;
    asked.writes = writes;
    return () => {
      if (!writes) return;
      asked.done += 1;
      if (creates(commit)) asked.created += 1;
      this.#check(asked);
    };
  }

  #check({ done, created, nothing }: Asked): void {
    this.#demand(nothing === null || done === 0, `nothing is written where the driver says so: ${nothing}`);
    this.#demand(created <= 1, 'a call that creates is done once');
  }

  #demand(holds: boolean, rule: string): void {
    if (!holds) this.#timeline.fail(new Error(`${rule} (the driver of Firestore has not told the truth)`));
  }
}
