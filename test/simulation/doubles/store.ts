import {
  type Collection,
  CommitUnknown,
  type Doc,
  type Page,
  type Query,
  type Store,
  StoreBusy,
  type Transaction,
  type TransactionOptions,
  type Version,
} from '#ports/store.ts';
import { asRead, checkTransaction } from '#drivers/store/rules.ts';
import type { Change, Documents, Write } from './documents.ts';

/** One process's access to the store. At each call other processes may run, and the call may fail. */
export interface StoreLink {
  reach<R>(label: string, effect: () => R): Promise<R>;
  pause(attempt: number): Promise<void>;
  /** How often a transaction is tried before it throws StoreBusy. */
  readonly tries: number;
  readonly watch: boolean;
  /** Asked when a commit gets no answer: whether the store then finds out what became of it, as a driver does. */
  looks(): boolean;
  /** Gives each reader a separate copy, as the driver does. Otherwise all readers share one frozen document. */
  readonly copies: boolean;
}

/** No answer came: whether a write was done is not known. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** Nothing was written. */
const CONFLICT = Symbol('conflict');
/** It may have been written, and the transaction may be run again all the same. */
const UNKNOWN = Symbol('unknown');
type Again = typeof CONFLICT | typeof UNKNOWN;

/** Reads the committed state, remembers what it read, and keeps its writes until the commit. */
class OptimisticTransaction implements Transaction {
  readonly #documents: Documents;
  readonly #link: StoreLink;
  readonly #reads = new Map<string, { collection: string; id: string; version: string | null }>();
  readonly #queries: { collection: string; query: Query; digest: string }[] = [];
  readonly writes: Write[] = [];
  committed = false;
  #torn = false;
  #bytes = 0;
  #ended = false;

  constructor(documents: Documents, link: StoreLink) {
    this.#documents = documents;
    this.#link = link;
  }

  async get<T>(collection: Collection<T>, id: string): Promise<Doc<T> | null> {
    this.#mayRead();
    return this.#link.reach(`tx.get ${collection.name}/${id}`, () => this.#read(collection, id));
  }

  async getMany<T>(collection: Collection<T>, ids: readonly string[]): Promise<(Doc<T> | null)[]> {
    this.#mayRead();
    return this.#link.reach(`tx.getMany ${collection.name}`, () => ids.map((id) => this.#read(collection, id)));
  }

  async query<T>(collection: Collection<T>, query: Query): Promise<Page<T>> {
    this.#mayRead();
    return this.#link.reach(`tx.query ${collection.name}`, () => {
      const page = this.#documents.query(collection.name, query);
      this.#queries.push({ collection: collection.name, query, digest: digest(page) });
      return copyPage(collection, page, this.#link.copies);
    });
  }

  create<T>(collection: Collection<T>, id: string, data: T): void {
    this.#write('create', collection.name, id, data);
  }

  put<T>(collection: Collection<T>, id: string, data: T): void {
    this.#write('put', collection.name, id, data);
  }

  delete(collection: Collection<unknown>, id: string): void {
    this.#write('delete', collection.name, id);
  }

  end(): void {
    this.#ended = true;
  }

  valid(): boolean {
    if (this.#torn) return false;
    for (const { collection, id, version } of this.#reads.values()) {
      if ((this.#documents.get(collection, id)?.version ?? null) !== version) return false;
    }
    return this.#queries.every(
      ({ collection, query, digest: seen }) => digest(this.#documents.query(collection, query)) === seen,
    );
  }

  #read<T>(collection: Collection<T>, id: string): Doc<T> | null {
    const doc = this.#documents.get(collection.name, id);
    const version = doc?.version ?? null;
    const key = `${collection.name}/${id}`;
    const before = this.#reads.get(key);
    if (before && before.version !== version) this.#torn = true;
    if (!before) this.#reads.set(key, { collection: collection.name, id, version });
    return copyDoc(collection, doc, this.#link.copies);
  }

  #mayRead(): void {
    if (this.#ended) throw new Error('a read came after its transaction had ended: an await is missing');
    if (this.writes.length > 0) throw new Error('in a transaction every read comes before the first write');
  }

  #write(kind: Write['kind'], collection: string, id: string, data?: unknown): void {
    if (this.#ended) throw new Error('a write came after its transaction had ended: an await is missing');
    const write = this.#documents.write(kind, collection, id, data);
    this.#bytes += write.bytes;
    checkTransaction(this.#bytes);
    this.writes.push(write);
  }
}

const digest = (page: Page<unknown>): string =>
  `${page.docs.map((doc) => `${doc.id}@${doc.version}`).join()} ${page.next ?? ''}`;

const copyDoc = <T>(collection: Collection<T>, doc: Doc<unknown> | null, copies: boolean): Doc<T> | null =>
  doc && { ...doc, data: asRead(collection, copies ? structuredClone(doc.data) : doc.data) };

const copyPage = <T>(collection: Collection<T>, page: Page<unknown>, copies: boolean): Page<T> => ({
  docs: page.docs.map((doc) => copyDoc(collection, doc, copies) as Doc<T>),
  next: page.next,
});

interface Watcher {
  readonly key: string;
  readonly seen: () => void;
  readonly failed: (error: unknown) => void;
}

/** The Store port of one process over simulated documents. Transactions are optimistic and checked at the commit. */
export const simulatedStore = (documents: Documents, link: StoreLink): Store => {
  const watchers = new Set<Watcher>();
  const tell = (watcher: Watcher): void => {
    const told = (): void => void (watchers.has(watcher) && watcher.seen());
    const lost = (error: unknown): void => void (watchers.delete(watcher) && watcher.failed(error));
    void link.reach(`watch ${watcher.key}`, () => undefined).then(told, lost);
  };
  documents.observe((changes: readonly Change[]) => {
    if (watchers.size === 0) return;
    const keys = new Set(changes.map(({ collection, id }) => `${collection}/${id}`));
    for (const watcher of watchers) {
      if (!keys.has(watcher.key)) continue;
      tell(watcher);
    }
  });

  const attempt = async <R>(fn: (tx: Transaction) => Promise<R>, repeatable: boolean): Promise<R | Again> => {
    const tx = new OptimisticTransaction(documents, link);
    let result: R;
    try {
      result = await fn(tx);
    } catch (error) {
      if (!tx.valid()) return CONFLICT;
      throw error;
    } finally {
      tx.end();
    }
    if (tx.writes.length === 0) return tx.valid() ? result : CONFLICT;
    try {
      const committed = await link.reach('commit', () => {
        if (!tx.valid()) return false;
        documents.commit(tx.writes);
        tx.committed = true;
        return true;
      });
      return committed ? result : CONFLICT;
    } catch (error) {
      if (!(error instanceof Unanswered) || !link.looks()) throw error;
      // The port asks for no proof of such a commit, so it is run again even where it was done.
      if (repeatable && !tx.writes.some(({ kind }) => kind === 'create')) return UNKNOWN;
      return (await look(tx)) ? result : CONFLICT;
    }
  };

  /** @throws CommitUnknown */
  const look = (tx: OptimisticTransaction): Promise<boolean> =>
    link
      .reach('look for a commit', () => tx.committed)
      .catch((cause: unknown) => {
        throw new CommitUnknown('a transaction', { cause });
      });

  return {
    capabilities: { watch: link.watch },
    transaction: async (fn, { repeatable = false }: TransactionOptions = {}) => {
      let unknown = false;
      for (let tried = 0; tried < link.tries; tried++) {
        const result = await attempt(fn, repeatable);
        if (result !== CONFLICT && result !== UNKNOWN) return result;
        unknown ||= result === UNKNOWN;
        await link.pause(tried);
      }
      throw unknown ? new CommitUnknown('a transaction') : new StoreBusy('it met other writes at every try');
    },
    get: async <T>(collection: Collection<T>, id: string) =>
      link.reach(`get ${collection.name}/${id}`, () =>
        copyDoc(collection, documents.get(collection.name, id), link.copies),
      ),
    getMany: async <T>(collection: Collection<T>, ids: readonly string[]) =>
      link.reach(`getMany ${collection.name}`, () =>
        ids.map((id) => copyDoc(collection, documents.get(collection.name, id), link.copies)),
      ),
    query: async <T>(collection: Collection<T>, query: Query) =>
      link.reach(`query ${collection.name}`, () =>
        copyPage(collection, documents.query(collection.name, query), link.copies),
      ),
    create: async (collection, id, data) => {
      const write = documents.write('create', collection.name, id, data);
      await link.reach(`create ${collection.name}/${id}`, () => documents.commit([write]));
    },
    put: async (collection, id, data, ifVersion?: Version) => {
      const write = documents.write('put', collection.name, id, data, ifVersion);
      await link.reach(`put ${collection.name}/${id}`, () => documents.commit([write]));
    },
    delete: async (collection, id, ifVersion?: Version) => {
      const write = documents.write('delete', collection.name, id, undefined, ifVersion);
      await link.reach(`delete ${collection.name}/${id}`, () => documents.commit([write]));
    },
    watch: (collection, id, told, failed) => {
      documents.get(collection.name, id);
      const seen = () => told(copyDoc(collection, documents.get(collection.name, id), link.copies));
      const watcher = { key: `${collection.name}/${id}`, seen, failed };
      watchers.add(watcher);
      tell(watcher);
      return () => void watchers.delete(watcher);
    },
    close: async () => watchers.clear(),
  };
};
