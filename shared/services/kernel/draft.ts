import { isDeepStrictEqual } from 'node:util';
import { Problem } from '#contract/errors.ts';
import {
  AlreadyExists,
  type Collection,
  DocumentTooLarge,
  type Page,
  type Query,
  type Store,
  StoreBusy,
  StoreFull,
  type Transaction,
  TransactionTooLarge,
  VersionMismatch,
} from '#ports/store.ts';
import { audit } from '../model/collections.ts';

/** A document that is about to be read. */
type Ref = readonly [collection: Collection<unknown>, id: string];

/**
 * A transaction that sees its own writes. It collects writes and sends them together at the end, after the last read.
 * Each document is read once, and a document that did not change is not written. A part in `attempt` can fail by
 * itself: if it throws, only its own writes are dropped.
 */
export interface Draft {
  get<T>(collection: Collection<T>, id: string): Promise<T | null>;
  /** Reads these together, so that the reads that follow find them: one round trip instead of one for each. */
  prefetch(refs: readonly Ref[]): Promise<void>;
  /**
   * Queries what is stored, and returns each document as this draft has written it. A document that this draft created
   * is not found, and one that it changed may no longer match.
   */
  query<T>(collection: Collection<T>, query: Query): Promise<Page<T>>;
  create<T>(collection: Collection<T>, id: string, data: T): void;
  put<T>(collection: Collection<T>, id: string, data: T): void;
  delete(collection: Collection<unknown>, id: string): void;
  attempt<R>(part: (draft: Draft) => Promise<R>): Promise<R>;
}

type Write = { readonly kind: 'create' | 'put'; readonly data: unknown } | { readonly kind: 'delete' };
interface Entry {
  readonly collection: Collection<unknown>;
  readonly id: string;
  readonly write: Write;
}

/** What a transaction has read so far, by `collection/id`. A read that is under way is waited for. */
class Reads {
  readonly #tx: Transaction;
  readonly #read = new Map<string, Promise<unknown>>();
  readonly #found = new Map<string, unknown>();

  constructor(tx: Transaction) {
    this.#tx = tx;
  }

  get(collection: Collection<unknown>, id: string): Promise<unknown> {
    return this.#once(`${collection.name}/${id}`, async () => (await this.#tx.get(collection, id))?.data ?? null);
  }

  async all(refs: readonly Ref[]): Promise<void> {
    const byCollection = new Map<Collection<unknown>, string[]>();
    for (const [collection, id] of refs) {
      if (this.#read.has(`${collection.name}/${id}`)) continue;
      byCollection.set(collection, [...(byCollection.get(collection) ?? []), id]);
    }
    await Promise.all([...byCollection].map(([collection, ids]) => this.#many(collection, [...new Set(ids)])));
  }

  /** The document as it was read; undefined if it was not read. */
  found(key: string): unknown {
    return this.#found.get(key);
  }

  async #many(collection: Collection<unknown>, ids: readonly string[]): Promise<void> {
    const docs = this.#tx.getMany(collection, ids);
    const reads = ids.map((id, i) => this.#once(`${collection.name}/${id}`, async () => (await docs)[i]?.data ?? null));
    await Promise.all(reads);
  }

  #once(key: string, read: () => Promise<unknown>): Promise<unknown> {
    const known = this.#read.get(key);
    if (known) return known;
    const reading = read().then((data) => {
      this.#found.set(key, data);
      return data;
    });
    this.#read.set(key, reading);
    return reading;
  }
}

class Layer implements Draft {
  readonly #tx: Transaction;
  readonly #reads: Reads;
  readonly #below: Layer | null;
  readonly writes = new Map<string, Entry>();

  constructor(tx: Transaction, reads: Reads, below: Layer | null) {
    this.#tx = tx;
    this.#reads = reads;
    this.#below = below;
  }

  #written(key: string): Write | undefined {
    const own = this.writes.get(key)?.write;
    if (own) return own;
    return this.#below === null ? undefined : this.#below.#written(key);
  }

  async get<T>(collection: Collection<T>, id: string): Promise<T | null> {
    const write = this.#written(`${collection.name}/${id}`);
    if (write) return write.kind === 'delete' ? null : (write.data as T);
    return (await this.#reads.get(collection, id)) as T | null;
  }

  prefetch(refs: readonly Ref[]): Promise<void> {
    return this.#reads.all(refs.filter(([collection, id]) => !this.#written(`${collection.name}/${id}`)));
  }

  async query<T>(collection: Collection<T>, query: Query): Promise<Page<T>> {
    const page = await this.#tx.query(collection, query);
    const docs = page.docs.flatMap((doc) => {
      const write = this.#written(`${collection.name}/${doc.id}`);
      if (!write) return [doc];
      return write.kind === 'delete' ? [] : [{ ...doc, data: write.data as T }];
    });
    return { ...page, docs };
  }

  #write(collection: Collection<unknown>, id: string, write: Write): void {
    this.writes.set(`${collection.name}/${id}`, { collection, id, write });
  }

  create<T>(collection: Collection<T>, id: string, data: T): void {
    this.#write(collection, id, { kind: 'create', data });
  }

  put<T>(collection: Collection<T>, id: string, data: T): void {
    // A document that this draft created stays a create, so that a concurrent create is still noticed.
    const kind = this.#written(`${collection.name}/${id}`)?.kind === 'create' ? 'create' : 'put';
    this.#write(collection, id, { kind, data });
  }

  delete(collection: Collection<unknown>, id: string): void {
    this.#write(collection, id, { kind: 'delete' });
  }

  async attempt<R>(part: (draft: Draft) => Promise<R>): Promise<R> {
    const above = new Layer(this.#tx, this.#reads, this);
    const result = await part(above);
    for (const [key, entry] of above.writes) this.writes.set(key, entry);
    return result;
  }

  /** @returns the id of its audit entry, or null where it has none */
  flush(): string | null {
    let entry: string | null = null;
    for (const [key, { collection, id, write }] of this.writes) {
      if (write.kind === 'put' && isDeepStrictEqual(write.data, this.#reads.found(key))) continue;
      if (write.kind === 'create') {
        this.#tx.create(collection, id, write.data);
        if (collection.name === audit.name) entry ??= id;
      } else if (write.kind === 'put') this.#tx.put(collection, id, write.data);
      else if (write.kind === 'delete') this.#tx.delete(collection, id);
    }
    return entry;
  }
}

/** The store did not say whether it committed, and could not be asked. */
export class OutcomeUnknown extends Problem {
  constructor(cause: unknown) {
    const message =
      'The store did not answer, so it is not known whether the call took effect. Look before you call again, unless the call had an Idempotency-Key.';
    super('unavailable', message, { outcome: 'unknown', cause });
  }
}

/** Errors with which a store says that nothing was written. */
const NOTHING_WRITTEN = [
  ...[StoreBusy, StoreFull, AlreadyExists, VersionMismatch],
  ...[DocumentTooLarge, TransactionTooLarge],
];

/** What was sent to be committed. */
interface Sent<R> {
  /** Its audit entry: an id that nothing else has. null: it writes none. */
  readonly entry: string | null;
  readonly result: R;
}

const isThere = async (store: Store, { entry }: Sent<unknown>, cause: unknown): Promise<boolean> => {
  if (entry === null) return false;
  try {
    return (await store.get(audit, entry)) !== null;
  } catch {
    throw new OutcomeUnknown(cause);
  }
};

/** A commit without an answer is asked for, and sent once more where nothing of it is found. */
const TRIES = 2;

/**
 * Runs `work` in one store transaction. `work` may run several times.
 *
 * Where the answer to the commit is lost, its audit entry tells whether it took place. Where that is not there, `work`
 * runs once more, from what is then on record. A first commit that is still on its way does no harm: the store is
 * serializable, so it either is seen by the second run or fails.
 * @throws OutcomeUnknown where that can't be found out
 */
export const transact = async <R>(store: Store, work: (draft: Draft) => Promise<R>): Promise<R> => {
  const earlier: Sent<R>[] = [];
  for (let tries = 1; ; tries++) {
    let sent: Sent<R> | null = null;
    try {
      return await store.transaction(
        async (tx) => {
          sent = null;
          const draft = new Layer(tx, new Reads(tx), null);
          const result = await work(draft);
          sent = { entry: draft.flush(), result };
          return result;
        },
        { repeatable: true },
      );
    } catch (error) {
      const open = NOTHING_WRITTEN.some((known) => error instanceof known) ? null : (sent as Sent<R> | null);
      if (open !== null) earlier.push(open);
      // A later try may have failed because an earlier one was committed after all.
      for (const each of earlier) if (await isThere(store, each, error)) return each.result;
      if (open === null) throw error;
      if (tries === TRIES) throw new OutcomeUnknown(error);
    }
  }
};
