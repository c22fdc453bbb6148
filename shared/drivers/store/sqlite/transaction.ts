import type { Collection, Doc, Page, Query, Transaction } from '#ports/store.ts';
import { checkId, checkTransaction, serialize } from '../rules.ts';
import { digestOf, docOf, pageOf, type Tables } from './tables.ts';

interface Write {
  readonly kind: 'create' | 'put' | 'delete';
  readonly collection: string;
  readonly id: string;
  readonly body: string;
}

interface QueryRead {
  readonly collection: Collection<unknown>;
  readonly query: Query;
  readonly digest: string;
}

/** Reads the committed state, remembers what it read, and keeps its writes until the commit. */
export class OptimisticTransaction implements Transaction {
  readonly #tables: Tables;
  /** The version that was read, by collection and id; null if there was no document. */
  readonly #read = new Map<string, { collection: string; id: string; version: number | null }>();
  readonly #queries: QueryRead[] = [];
  readonly #writes: Write[] = [];
  #bytes = 0;
  /** Two reads of one document differed, so the transaction can't be serialized. */
  #torn = false;
  #ended = false;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async get<T>(collection: Collection<T>, id: string): Promise<Doc<T> | null> {
    this.#mayRead();
    return this.#get<T>(collection, id);
  }

  async getMany<T>(collection: Collection<T>, ids: readonly string[]): Promise<(Doc<T> | null)[]> {
    this.#mayRead();
    return ids.map((id) => this.#get<T>(collection, id));
  }

  async query<T>(collection: Collection<T>, query: Query): Promise<Page<T>> {
    this.#mayRead();
    const declared = this.#tables.declared(collection);
    const rows = this.#tables.query(declared, query);
    this.#queries.push({ collection: declared, query, digest: digestOf(rows) });
    return pageOf(collection, query, rows);
  }

  create<T>(collection: Collection<T>, id: string, data: T): void {
    this.#write('create', collection, id, serialize(this.#tables.declared(collection), id, data));
  }

  put<T>(collection: Collection<T>, id: string, data: T): void {
    this.#write('put', collection, id, serialize(this.#tables.declared(collection), id, data));
  }

  delete(collection: Collection<unknown>, id: string): void {
    this.#write('delete', collection, id, '');
  }

  /** The callback has ended. A later read or write is a mistake (a missing await) and throws. */
  end(): void {
    this.#ended = true;
  }

  get writes(): readonly Write[] {
    return this.#writes;
  }

  /** Whether all documents that were read are unchanged. Synchronous, so that this is true until the turn ends. */
  valid(): boolean {
    if (this.#torn) return false;
    for (const { collection, id, version } of this.#read.values()) {
      if (this.#tables.version(collection, id) !== version) return false;
    }
    return this.#queries.every(({ collection, query, digest }) => this.#tables.digest(collection, query) === digest);
  }

  /** @throws AlreadyExists */
  apply(): void {
    for (const { kind, collection, id, body } of this.#writes) {
      if (kind === 'create') this.#tables.create(collection, id, body);
      else if (kind === 'put') this.#tables.put(collection, id, body);
      else this.#tables.delete(collection, id);
    }
  }

  #get<T>(collection: Collection<T>, id: string): Doc<T> | null {
    const { name } = this.#tables.declared(collection);
    checkId(name, id);
    const row = this.#tables.get(name, id);
    const version = row?.version ?? null;
    const key = `${name}/${id}`;
    const before = this.#read.get(key);
    if (before && before.version !== version) this.#torn = true;
    if (!before) this.#read.set(key, { collection: name, id, version });
    return row && docOf(collection, row);
  }

  #mayRead(): void {
    if (this.#ended) throw new Error('a read came after its transaction had ended: an await is missing');
    const [first] = this.#writes;
    if (first) {
      throw new Error(
        `in a transaction every read comes before the first write, which was ${first.collection}/${first.id}`,
      );
    }
  }

  #write(kind: Write['kind'], collection: Collection<unknown>, id: string, body: string): void {
    if (this.#ended) throw new Error('a write came after its transaction had ended: an await is missing');
    const { name } = this.#tables.declared(collection);
    checkId(name, id);
    this.#bytes += Buffer.byteLength(body);
    checkTransaction(this.#bytes);
    this.#writes.push({ kind, collection: name, id, body });
  }
}
