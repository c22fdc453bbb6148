import type { Collection, Page, Query, Store, Transaction } from '#ports/store.ts';

/**
 * A transaction in which one reads what one has written: writes are kept aside and leave together at the end,
 * after every read. `attempt` gives one part a verdict of its own: if it throws, its writes are dropped and the
 * others stand.
 */
export interface Draft {
  get<T>(collection: Collection<T>, id: string): Promise<T | null>;
  /** As the transaction sees it; writes of this draft are not in it. */
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

class Layer implements Draft {
  readonly #tx: Transaction;
  readonly #below: Layer | null;
  readonly writes = new Map<string, Entry>();

  constructor(tx: Transaction, below: Layer | null) {
    this.#tx = tx;
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
    return (await this.#tx.get(collection, id))?.data ?? null;
  }

  query<T>(collection: Collection<T>, query: Query): Promise<Page<T>> {
    return this.#tx.query(collection, query);
  }

  #write(collection: Collection<unknown>, id: string, write: Write): void {
    this.writes.set(`${collection.name}/${id}`, { collection, id, write });
  }

  create<T>(collection: Collection<T>, id: string, data: T): void {
    this.#write(collection, id, { kind: 'create', data });
  }

  put<T>(collection: Collection<T>, id: string, data: T): void {
    // A document made in this same draft stays a create, so that a rival's is still noticed.
    const kind = this.#written(`${collection.name}/${id}`)?.kind === 'create' ? 'create' : 'put';
    this.#write(collection, id, { kind, data });
  }

  delete(collection: Collection<unknown>, id: string): void {
    this.#write(collection, id, { kind: 'delete' });
  }

  async attempt<R>(part: (draft: Draft) => Promise<R>): Promise<R> {
    const above = new Layer(this.#tx, this);
    const result = await part(above);
    for (const [key, entry] of above.writes) this.writes.set(key, entry);
    return result;
  }

  flush(): void {
    for (const { collection, id, write } of this.writes.values()) {
      if (write.kind === 'create') this.#tx.create(collection, id, write.data);
      else if (write.kind === 'put') this.#tx.put(collection, id, write.data);
      else this.#tx.delete(collection, id);
    }
  }
}

/** Runs `work` in one store transaction. `work` may run several times. */
export const transact = <R>(store: Store, work: (draft: Draft) => Promise<R>): Promise<R> =>
  store.transaction(async (tx) => {
    const draft = new Layer(tx, null);
    const result = await work(draft);
    draft.flush();
    return result;
  });
