/**
 * Typed documents in named collections, with serializable transactions.
 *
 * The contract is what both an embedded database and Firestore can keep:
 * - inside a transaction every read comes before the first write;
 * - a transaction's callback may run several times, so it has no effect of its own but through `tx`;
 * - a commit is durable when the promise resolves.
 */
export interface Store extends Reader {
  /**
   * Runs `fn` serializably: as if no other write happened between its first read and its commit.
   * Retried on conflict. If `fn` throws, nothing is written and the error is passed on.
   * @throws StoreBusy when it could not commit after the driver's retries: nothing is written, and the same call may be
   * tried again. StoreFull, AlreadyExists, DocumentTooLarge and TransactionTooLarge say as well that nothing is written.
   * CommitUnknown and any other error that follows `fn`'s own end leave open whether it was committed: the answer may have
   * been lost.
   */
  transaction<R>(fn: (tx: Transaction) => Promise<R>, options?: TransactionOptions): Promise<R>;
  /** @throws AlreadyExists */
  create<T>(collection: Collection<T>, id: string, data: T): Promise<void>;
  /** Writes the whole document. @throws VersionMismatch when `ifVersion` is given and is not the current one. */
  put<T>(collection: Collection<T>, id: string, data: T, ifVersion?: Version): Promise<void>;
  /** Deleting what is not there is fine. @throws VersionMismatch */
  delete(collection: Collection<unknown>, id: string, ifVersion?: Version): Promise<void>;
  /**
   * Calls `seen` with the document as it is now (null where there is none), and again after every commit that changed
   * it: commits may be taken together, but the last is never left out. Never from within this call.
   * `failed` is called once if the driver can no longer keep this promise: then the watch has ended, `seen` is not called
   * again, and a caller that still waits watches anew. A watch may also go silent without an error, so a caller that must
   * not miss a change reads the document now and then as well.
   * Present where `capabilities.watch`. Returns the way to stop; after it neither is called.
   */
  watch<T>(
    collection: Collection<T>,
    id: string,
    seen: (doc: Doc<T> | null) => void,
    failed: (error: unknown) => void,
  ): () => void;
  readonly capabilities: StoreCapabilities;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /**
   * `fn` may be run again after it was committed, because from what is then on record it does only what is left to do.
   * A driver that can lose an answer then keeps no proof of its own: it looks for a document that `fn` has created, and runs
   * `fn` again where there is none.
   */
  readonly repeatable?: boolean;
}

interface StoreCapabilities {
  readonly watch: boolean;
}

export interface Reader {
  get<T>(collection: Collection<T>, id: string): Promise<Doc<T> | null>;
  /** In the order of `ids`; null where there is none. */
  getMany<T>(collection: Collection<T>, ids: readonly string[]): Promise<(Doc<T> | null)[]>;
  query<T>(collection: Collection<T>, query: Query): Promise<Page<T>>;
}

export interface Transaction extends Reader {
  /** At commit: fails the transaction with AlreadyExists if the document is there. */
  create<T>(collection: Collection<T>, id: string, data: T): void;
  put<T>(collection: Collection<T>, id: string, data: T): void;
  delete(collection: Collection<unknown>, id: string): void;
}

/**
 * A named set of documents of one type.
 * `indexes` lists every composite the queries need, in order: equality fields first, the ordered field last. That is
 * followed by ` desc` where queries order by it in descending direction.
 * Drivers build them (SQLite) or compare them with what is deployed (Firestore); a query without one is refused.
 */
export interface Collection<T> {
  readonly name: string;
  readonly indexes: readonly (readonly string[])[];
  /** Documents are created under drawn ids, and never changed or deleted. So one proves that its transaction was committed. */
  readonly permanent?: boolean;
  /** Fields that are lists of texts. An index with one of them serves queries that name one text of the list. */
  readonly lists?: readonly string[];
  /**
   * Gives a document of an earlier release the fields that it lacks. Pure; every read of a document goes through it.
   * The store keeps the old form until the document is written again.
   */
  upgrade?(stored: T): T;
  /** Type only; never set. */
  readonly __doc?: T;
}

export interface Doc<T> {
  readonly id: string;
  readonly version: Version;
  readonly data: T;
}

/** Opaque; changes with every write that changes the document. One that changes nothing may keep it. */
export type Version = string;

/**
 * Equality on any fields, one text of one list, one range, one order. A document that lacks a named field (or has null
 * there) never matches.
 */
export interface Query {
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** A text that a list of the document has. At most one list, as no store has an index over two. */
  readonly contains?: { readonly list: string; readonly text: string };
  /** The ordered field; ties are broken by id, in the same direction. Without it the order is by id, ascending. */
  readonly order?: { readonly field: string; readonly direction: 'asc' | 'desc' };
  /** Bounds on the ordered field (on the id where there is no order). */
  readonly range?: {
    readonly gt?: string | number;
    readonly gte?: string | number;
    readonly lt?: string | number;
    readonly lte?: string | number;
  };
  /** 1 to 1000. */
  readonly limit: number;
  /** From an earlier page of the same query. @throws BadCursor */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly docs: readonly Doc<T>[];
  /** Set when there may be more. */
  readonly next: string | null;
}

export class AlreadyExists extends Error {
  override readonly name = 'AlreadyExists';
  readonly collection: string;
  readonly id: string;
  constructor(collection: string, id: string) {
    super(`${collection}/${id} already exists`);
    this.collection = collection;
    this.id = id;
  }
}

export class VersionMismatch extends Error {
  override readonly name = 'VersionMismatch';
}

export class StoreBusy extends Error {
  override readonly name = 'StoreBusy';
}

/** Whether it was written is not known: the answer was lost, and the store could not be asked. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

/** A document by which a driver proves that a transaction was committed, where nothing else does. It is pruned later. */
export interface CommitDoc {
  readonly at: string;
  readonly purge_at: string;
}

/** No room for the write: nothing of it is kept, and it may be tried again once there is. */
export class StoreFull extends Error {
  override readonly name = 'StoreFull';
}

/** More than a document may have. */
export class DocumentTooLarge extends RangeError {
  override readonly name = 'DocumentTooLarge';
}

/** More than one commit can carry: nothing of it is written, and its parts may be written one by one. */
export class TransactionTooLarge extends RangeError {
  override readonly name = 'TransactionTooLarge';
}

export class BadCursor extends Error {
  override readonly name = 'BadCursor';
}
