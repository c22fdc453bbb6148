import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '#ports/clock.ts';
import {
  type Collection,
  type Doc,
  type Page,
  type Query,
  type Store,
  StoreBusy,
  type Transaction,
  type Version,
} from '#ports/store.ts';
import { checkId, serialize } from '../rules.ts';
import { copyDatabase } from './backup.ts';
import { Committer, type Hold } from './committer.ts';
import { docOf, pageOf, Tables } from './tables.ts';
import { OptimisticTransaction } from './transaction.ts';
import { Watchers } from './watchers.ts';

const OPTIMISTIC_TRIES = 8;
const EXCLUSIVE_TRIES = 3;
/** Longer than a callback takes that awaits only its reads. After this time others may commit again. */
const EXCLUSIVE_MS = 2000;
const MAX_BACKOFF_MS = 16;

/** For another driver in the same file: the queue's tables share the store's commits. */
export interface EmbeddedSql {
  readonly database: DatabaseSync;
  /** Durable when it resolves; goes with the next group commit. `work` is synchronous. */
  commit<R>(work: () => R): Promise<R>;
  /** For a write whose result no caller awaits: goes with the next group commit, after 100 ms at the latest. */
  commitLazily<R>(work: () => R): Promise<R>;
}

interface Parts {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly collections: readonly Collection<unknown>[];
  readonly clock: Clock;
  readonly fraction: () => number;
  readonly release: () => void;
}

const CONFLICT = Symbol('conflict');

/** Documents in SQLite; transactions are optimistic and checked at their commit. */
export class SqliteStore implements Store {
  readonly capabilities = { watch: true };
  readonly sql: EmbeddedSql;
  readonly #parts: Parts;
  readonly #tables: Tables;
  readonly #committer: Committer;
  readonly #watchers = new Watchers();
  #open = true;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#tables = new Tables(parts.database, parts.collections);
    this.#committer = new Committer(parts.database, parts.clock, () => this.#tables.saveSequence());
    this.sql = {
      database: parts.database,
      commit: (work) => this.#committer.submit(work),
      commitLazily: (work) => this.#committer.submitLazily(work),
    };
  }

  async get<T>(collection: Collection<T>, id: string): Promise<Doc<T> | null> {
    const { name } = this.#tables.declared(collection);
    checkId(name, id);
    const row = this.#tables.get(name, id);
    return row && docOf(collection, row);
  }

  async getMany<T>(collection: Collection<T>, ids: readonly string[]): Promise<(Doc<T> | null)[]> {
    return Promise.all(ids.map((id) => this.get(collection, id)));
  }

  async query<T>(collection: Collection<T>, query: Query): Promise<Page<T>> {
    const declared = this.#tables.declared(collection);
    return pageOf(collection, query, this.#tables.query(declared, query));
  }

  async create<T>(collection: Collection<T>, id: string, data: T): Promise<void> {
    const name = this.#writable(collection, id);
    const body = serialize(this.#tables.declared(collection), id, data);
    await this.#committer.submit(() => this.#tables.create(name, id, body));
    this.#watchers.notify([`${name}/${id}`]);
  }

  async put<T>(collection: Collection<T>, id: string, data: T, ifVersion?: Version): Promise<void> {
    const name = this.#writable(collection, id);
    const body = serialize(this.#tables.declared(collection), id, data);
    await this.#committer.submit(() => this.#tables.put(name, id, body, ifVersion));
    this.#watchers.notify([`${name}/${id}`]);
  }

  async delete(collection: Collection<unknown>, id: string, ifVersion?: Version): Promise<void> {
    const name = this.#writable(collection, id);
    const removed = await this.#committer.submit(() => this.#tables.delete(name, id, ifVersion));
    if (removed) this.#watchers.notify([`${name}/${id}`]);
  }

  /** A watch within one process does not fail. */
  watch<T>(collection: Collection<T>, id: string, seen: (doc: Doc<T> | null) => void): () => void {
    const name = this.#writable(collection, id);
    return this.#watchers.add(name, id, () => {
      if (!this.#open) return;
      const row = this.#tables.get(name, id);
      seen(row && docOf(collection, row));
    });
  }

  async transaction<R>(fn: (tx: Transaction) => Promise<R>): Promise<R> {
    const { clock, fraction } = this.#parts;
    for (let attempt = 0; attempt < OPTIMISTIC_TRIES; attempt++) {
      const result = await this.#attempt(fn, null);
      if (result !== CONFLICT) return result;
      await clock.sleep(fraction() * Math.min(MAX_BACKOFF_MS, 2 ** attempt));
    }
    for (let attempt = 0; attempt < EXCLUSIVE_TRIES; attempt++) {
      const hold = await this.#committer.exclusive(EXCLUSIVE_MS);
      try {
        const result = await this.#attempt(fn, hold);
        if (result !== CONFLICT) return result;
      } finally {
        hold.release();
      }
    }
    throw new StoreBusy('the transaction met other writes at every try; the same call may be tried again');
  }

  async #attempt<R>(fn: (tx: Transaction) => Promise<R>, hold: Hold | null): Promise<R | typeof CONFLICT> {
    const tx = new OptimisticTransaction(this.#tables);
    let result: R;
    try {
      result = await fn(tx);
    } catch (error) {
      // The callback threw after a write changed what it had read, so its error may come from a state that never
      // existed.
      if (this.#open && !tx.valid()) return CONFLICT;
      throw error;
    } finally {
      tx.end();
    }
    if (tx.writes.length === 0) return tx.valid() ? result : CONFLICT;
    const committed = await this.#committer.submit(() => {
      if (!tx.valid()) return false;
      tx.apply();
      return true;
    }, hold);
    if (!committed) return CONFLICT;
    this.#watchers.notify(tx.writes.map((write) => `${write.collection}/${write.id}`));
    return result;
  }

  #writable(collection: Collection<unknown>, id: string): string {
    const { name } = this.#tables.declared(collection);
    checkId(name, id);
    return name;
  }

  /**
   * Copies the whole store as it is at one moment, while writes continue. To restore, replace the store's file by the
   * copy.
   */
  backup(target: string): Promise<void> {
    return copyDatabase(this.#parts.path, target);
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#committer.close();
    this.#parts.database.close();
    this.#parts.release();
  }
}
