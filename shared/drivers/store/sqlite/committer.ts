import type { DatabaseSync } from 'node:sqlite';
import type { Clock, Timer } from '#ports/clock.ts';
import { isFatal, isFull, typed } from './errors.ts';

/** Most writes in one SQLite transaction, so that a turn of the event loop stays short. */
const MAX_BATCH = 500;
/** How long a write whose result no caller awaits may wait for other writes. */
const LAZY_MS = 100;

interface Job {
  readonly work: () => unknown;
  /** The exclusive holder that it belongs to. */
  readonly holder: Hold | null;
  readonly settle: (outcome: Outcome) => void;
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/** The exclusive right to commit, until released or until its time is over. */
export interface Hold {
  release(): void;
}

interface Claim {
  readonly grant: () => void;
  readonly refuse: () => void;
}

const closed = (): Error => new Error('the store is closed');

/**
 * Group commit: jobs that wait in the same turn of the event loop share one SQLite transaction and so one fsync. The
 * jobs run in order, each on the result of the earlier ones. A job that throws is rolled back alone.
 */
export class Committer {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #beforeCommit: () => void;
  #waiting: Job[] = [];
  #lazy: Job[] = [];
  #lazyTimer: Timer | null = null;
  #scheduled = false;
  #holder: Hold | null = null;
  readonly #claims: Claim[] = [];
  #closed = false;

  constructor(database: DatabaseSync, clock: Clock, beforeCommit: () => void) {
    this.#database = database;
    this.#clock = clock;
    this.#beforeCommit = beforeCommit;
  }

  /** Durable when it resolves, with what `work` returned. `work` is synchronous and writes by the same database. */
  submit<R>(work: () => R, holder: Hold | null = null): Promise<R> {
    return this.#add(this.#waiting, work, holder);
  }

  /** The same for a write whose result no caller awaits: it goes with the next batch, after 100 ms at the latest. */
  submitLazily<R>(work: () => R): Promise<R> {
    return this.#add(this.#lazy, work, null);
  }

  #add<R>(queue: Job[], work: () => R, holder: Hold | null): Promise<R> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise<R>((resolve, reject) => {
      const settle = (outcome: Outcome): void => (outcome.ok ? resolve(outcome.value as R) : reject(outcome.error));
      queue.push({ work, holder, settle });
      if (queue === this.#lazy) this.#lazyTimer ??= this.#clock.timer(LAZY_MS, () => this.#schedule());
      else this.#schedule();
    });
  }

  /** Until the hold is released, only its jobs are committed. The hold ends after `limitMs` at the latest. */
  exclusive(limitMs: number): Promise<Hold> {
    if (this.#closed) return Promise.reject(closed());
    const { promise, resolve, reject } = Promise.withResolvers<Hold>();
    const grant = (): void => {
      const timer = this.#clock.timer(limitMs, () => this.#release(hold));
      const release = (): void => {
        timer.cancel();
        this.#release(hold);
      };
      const hold: Hold = { release };
      this.#holder = hold;
      resolve(hold);
    };
    this.#claims.push({ grant, refuse: () => reject(closed()) });
    if (!this.#holder) this.#claims.shift()?.grant();
    return promise;
  }

  #release(hold: Hold): void {
    if (this.#holder !== hold) return;
    this.#holder = null;
    // Jobs that waited run before the next holder, so that a series of holders can't starve them.
    this.#flush();
    this.#claims.shift()?.grant();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const mine = (job: Job): boolean => this.#holder === null || job.holder === this.#holder;
    const batch = this.#waiting.filter(mine).slice(0, MAX_BATCH);
    if (batch.length > 0) {
      const taken = new Set(batch);
      this.#waiting = this.#waiting.filter((job) => !taken.has(job));
    }
    if (this.#holder === null) {
      batch.push(...this.#lazy.splice(0));
      this.#lazyTimer?.cancel();
      this.#lazyTimer = null;
    }
    if (batch.length > 0) this.#commit(batch);
    if (this.#waiting.some(mine)) this.#schedule();
  }

  #commit(batch: readonly Job[]): void {
    const outcomes: Outcome[] = [];
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const job of batch) outcomes.push(this.#run(job));
      this.#beforeCommit();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollback();
      // On a full disk a small write or a deletion may succeed although the whole batch failed.
      if (isFull(error) && batch.length > 1) for (const job of batch) this.#commit([job]);
      else for (const job of batch) job.settle({ ok: false, error: typed(error) });
      return;
    }
    for (const [index, job] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome) job.settle(outcome);
    }
  }

  #rollback(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch {
      // If the rollback fails too, the next batch fails on the open transaction and rolls it back then.
    }
  }

  #run(job: Job): Outcome {
    this.#database.exec('SAVEPOINT job');
    try {
      const value = job.work();
      this.#database.exec('RELEASE job');
      return { ok: true, value };
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#database.exec('ROLLBACK TO job');
      this.#database.exec('RELEASE job');
      return { ok: false, error: typed(error) };
    }
  }

  /** Commits the waiting jobs, then refuses new ones. */
  close(): void {
    this.#closed = true;
    this.#holder = null;
    for (const claim of this.#claims.splice(0)) claim.refuse();
    while (this.#waiting.length + this.#lazy.length > 0) this.#flush();
  }
}
