import type { Process } from '../world/process.ts';

/** A transaction that is open at the server, with the locks of its reads. */
export interface Held {
  /** The server's name for it. */
  readonly id: Uint8Array;
  readonly process: Process;
  /** A transaction that is tried again is as old as its first try. */
  readonly age: number;
  /** The documents that it has read by name, and the collections in which it has queried. */
  readonly names: Set<string>;
  readonly collections: Set<string>;
  /** When the server last heard of it. */
  used: number;
  /** Its commit is on the way, or waits. */
  committing: boolean;
}

/** A commit that waits until nobody else has locked what it writes. */
export interface Waiting {
  /** Its transaction; null where it has none. */
  readonly own: Held | null;
  readonly writes: readonly string[];
  readonly go: () => void;
  readonly abort: () => void;
}

export const collectionOf = (name: string): string => name.split('/').at(-2) ?? '';
const keyOf = (id: Uint8Array): string => Buffer.from(id).toString('hex');

/**
 * The locks of Firestore, as its emulator has them: reads share documents, a query locks its whole collection, both until
 * their transaction ends, and only a commit waits.
 *
 * The emulator would hold that commit in real time, for a process whose next event comes after the answer. It breaks such
 * a circle after two seconds. So a commit waits here, in virtual time, and is sent when nothing is in its way.
 */
export class Locks {
  readonly #open = new Map<string, Held>();
  readonly #ages = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();

  /** @param retryOf the transaction whose age it takes over */
  begin(process: Process, id: Uint8Array, retryOf: Uint8Array | null, now: number): Held {
    const age = (retryOf && this.#ages.get(keyOf(retryOf))) ?? this.#ages.size;
    this.#ages.set(keyOf(id), age);
    const read = { names: new Set<string>(), collections: new Set<string>() };
    const held: Held = { ...{ id, process, age, ...read }, used: now, committing: false };
    this.#open.set(keyOf(id), held);
    return held;
  }

  /** Null where it is not open, or no longer. */
  find(id: Uint8Array): Held | null {
    return this.#open.get(keyOf(id)) ?? null;
  }

  all(): Held[] {
    return [...this.#open.values()];
  }

  of(process: Process): Held[] {
    return this.all().filter((held) => held.process === process);
  }

  /** The transactions for which a commit has to wait. */
  blockers(own: Held | null, writes: readonly string[]): Held[] {
    return this.all().filter(
      (held) => held !== own && writes.some((name) => held.names.has(name) || held.collections.has(collectionOf(name))),
    );
  }

  wait(waiting: Waiting): void {
    this.#waiting.add(waiting);
  }

  waits(waiting: Waiting): boolean {
    return this.#waiting.has(waiting);
  }

  /** Gives the locks of a transaction back. Commits that nothing blocks any more go on. */
  end(held: Held): void {
    this.#open.delete(keyOf(held.id));
    for (const waiting of [...this.#waiting]) {
      const { own, writes, go } = waiting;
      if (own !== held && this.blockers(own, writes).length > 0) continue;
      this.#waiting.delete(waiting);
      go();
    }
  }

  /** Ends a commit's wait without its success, and its transaction. */
  abort(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    waiting.abort();
    if (waiting.own !== null) this.end(waiting.own);
  }

  /** The youngest of the commits that wait for each other in a circle, where this one has closed it. */
  victim(closing: Waiting): Waiting | null {
    const circle = this.#pathTo(closing, closing, new Set());
    return circle?.reduce((youngest, each) => (ageOf(each) > ageOf(youngest) ? each : youngest)) ?? null;
  }

  /** From a commit to a goal, each waiting for the next. */
  #pathTo(goal: Waiting, from: Waiting, seen: Set<Waiting>): Waiting[] | null {
    seen.add(from);
    const blockers = this.blockers(from.own, from.writes);
    for (const next of [...this.#waiting].filter(({ own }) => own !== null && blockers.includes(own))) {
      if (next === goal) return [from];
      const path = seen.has(next) ? null : this.#pathTo(goal, next, seen);
      if (path) return [from, ...path];
    }
    return null;
  }
}

const ageOf = ({ own }: Waiting): number => own?.age ?? 0;
