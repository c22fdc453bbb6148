import type { Collection, Doc, Page, Query, Transaction } from '#ports/store.ts';
import { checkTransaction } from '../rules.ts';
import type { ReadAnswer } from './channel.ts';
import {
  createOf,
  deleteOf,
  type Document,
  inOrder,
  nameOf,
  putOf,
  type Root,
  type SizedWrite,
  type Write,
} from './documents.ts';
import { pageOf } from './pages.ts';
import type { Reading } from './reading.ts';
import { structuredQuery } from './structured-query.ts';

/** A document that a transaction creates. */
export interface Created {
  readonly collection: Collection<unknown>;
  readonly id: string;
}

type TransactionId = Uint8Array;

/** How a read names its transaction: the first one begins it. */
type In = { readonly transaction: TransactionId } | { readonly newTransaction: object };

/**
 * A transaction of Firestore. Reads lock what they find until the commit; writes are kept until then. The first read
 * begins it at the server. Without a read its writes are sent as one commit, which is atomic by itself.
 */
export class FirestoreTransaction implements Transaction {
  readonly #reading: Reading;
  readonly #root: Root;
  readonly #commit: string;
  readonly #retryOf: TransactionId | null;
  #begun: Promise<TransactionId> | null = null;
  #ended = false;
  readonly writes: Write[] = [];
  /** Of all documents that it writes. */
  #bytes = 0;
  readonly created: Created[] = [];
  /** Whether the writes so far leave a document there, by name. */
  readonly #leaves = new Map<string, boolean>();
  /** A document that it creates although it has written it before: the commit can't succeed. */
  doomed: Created | null = null;
  /** The first error of the store that a read met. The callback may have passed on another one. */
  failure: unknown = null;

  constructor(reading: Reading, root: Root, commit: string, retryOf: TransactionId | null) {
    this.#reading = reading;
    this.#root = root;
    this.#commit = commit;
    this.#retryOf = retryOf;
  }

  async get<T>(collection: Collection<T>, id: string): Promise<Doc<T> | null> {
    return (await this.getMany(collection, [id]))[0] ?? null;
  }

  async getMany<T>(collection: Collection<T>, ids: readonly string[]): Promise<(Doc<T> | null)[]> {
    this.#mayRead();
    const names = this.#reading.namesOf(collection, ids);
    if (names.length === 0) return [];
    return inOrder(collection, names, await this.#read((within) => this.#reading.get(collection.name, names, within)));
  }

  async query<T>(collection: Collection<T>, query: Query): Promise<Page<T>> {
    this.#mayRead();
    const declared = this.#reading.declared(collection);
    const structured = structuredQuery(this.#root, declared, query);
    const found = await this.#read((within) => this.#reading.run(declared.name, structured, within));
    return pageOf(collection, query, found);
  }

  create<T>(collection: Collection<T>, id: string, data: T): void {
    const target = this.#target(collection, id);
    const before = this.#leaves.get(nameOf(this.#root, target.collection.name, id));
    const created = { collection: target.collection, id };
    if (before === true) this.doomed ??= created;
    // Firestore takes no second precondition for a document.
    else if (before === false) this.#write(putOf(target, data), true);
    else {
      this.#write(createOf(target, data, this.#commit), true);
      this.created.push(created);
    }
  }

  put<T>(collection: Collection<T>, id: string, data: T): void {
    this.#write(putOf(this.#target(collection, id), data), true);
  }

  delete(collection: Collection<unknown>, id: string): void {
    this.#write({ write: deleteOf(this.#target(collection, id)), bytes: 0 }, false);
  }

  /** The callback has ended. A later read or write is a mistake (a missing await) and throws. */
  end(): void {
    this.#ended = true;
  }

  /** Its id at the server; null where it has read nothing. @throws what its first read met */
  async id(): Promise<TransactionId | null> {
    return this.#begun;
  }

  async #read(send: (within: In) => Promise<ReadAnswer>): Promise<readonly Document[]> {
    try {
      // Until the server has named the transaction, further reads wait.
      if (this.#begun !== null) return (await send({ transaction: await this.#begun })).documents;
      const first = send({ newTransaction: { readWrite: this.#options() } });
      this.#begun = first.then(({ transaction }) => {
        if (transaction === null) throw new Error('Firestore began no transaction');
        return transaction;
      });
      // What keeps it from beginning is thrown by the read itself.
      this.#begun.catch(() => undefined);
      const { documents } = await first;
      await this.#begun;
      return documents;
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }

  /** Locks what is read, whatever the database has been set to. A transaction that is tried again keeps its age. */
  #options(): object {
    const retry = this.#retryOf === null ? {} : { retryTransaction: this.#retryOf };
    return { concurrencyMode: 'PESSIMISTIC', ...retry };
  }

  #write({ write, bytes }: SizedWrite, leaves: boolean): void {
    this.#bytes += bytes;
    checkTransaction(this.#bytes);
    this.writes.push(write);
    this.#leaves.set(write.delete ?? write.update?.name ?? '', leaves);
  }

  #mayRead(): void {
    if (this.#ended) throw new Error('a read came after its transaction had ended: an await is missing');
    const [first] = this.writes;
    if (first) {
      const name = first.delete ?? first.update?.name ?? '';
      throw new Error(
        `in a transaction every read comes before the first write, which was ${name.slice(this.#root.length + 1)}`,
      );
    }
  }

  #target(collection: Collection<unknown>, id: string) {
    if (this.#ended) throw new Error('a write came after its transaction had ended: an await is missing');
    return { root: this.#root, collection: this.#reading.declaredFor(collection, id), id };
  }
}
