import type { Firestore } from '@google-cloud/firestore';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type {
  Collection,
  CommitDoc,
  Doc,
  Page,
  Query,
  Store,
  Transaction,
  TransactionOptions,
  Version,
} from '#ports/store.ts';
import type { Channel } from './channel.ts';
import { Committing } from './committing.ts';
import { docOf, type Document, inOrder, nameOf, type Root } from './documents.ts';
import { busy, Effort } from './effort.ts';
import type { Observer } from './observe.ts';
import { pageOf } from './pages.ts';
import { Reading } from './reading.ts';
import { structuredQuery } from './structured-query.ts';
import { verdictOf } from './verdicts.ts';
import { Watching } from './watching.ts';
import { Writing } from './writing.ts';

export interface FirestoreParts {
  readonly channel: Channel;
  /** `projects/P/databases/D`. */
  readonly database: string;
  readonly collections: readonly Collection<unknown>[];
  /** Where proofs of commits are kept; among `collections`, and pruned by its `purge_at`. */
  readonly commits: Collection<CommitDoc>;
  readonly firestore: () => Promise<Firestore>;
  readonly closeFirestore: () => Promise<void>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly observer: Observer;
}

const COMMIT_BYTES = 12;

/** Documents in Firestore, as plain fields; transactions lock what they read. */
export class FirestoreStore implements Store {
  readonly capabilities = { watch: true };
  readonly #parts: FirestoreParts;
  readonly #root: Root;
  readonly #reading: Reading;
  readonly #writing: Writing;
  readonly #committing: Committing;
  readonly #watching: Watching;
  #open = true;

  constructor(parts: FirestoreParts) {
    const { channel, database, clock, ids, observer } = parts;
    this.#parts = parts;
    this.#root = `${database}/documents`;
    this.#reading = new Reading({ ...parts, root: this.#root });
    const shared = {
      channel,
      database,
      root: this.#root,
      observer,
      effort: () => this.#effort(),
      commitId: () => Buffer.from(ids.random(COMMIT_BYTES)).toString('base64url'),
      look: (collection: string, id: string) => this.#look(collection, id),
    };
    this.#writing = new Writing(shared);
    this.#committing = new Committing({ ...shared, reading: this.#reading, commits: parts.commits, clock });
    this.#watching = new Watching(parts);
  }

  /** Whether Firestore has answered within the last minute, if it was asked. */
  healthy(): boolean {
    return this.#parts.channel.healthy();
  }

  async get<T>(collection: Collection<T>, id: string): Promise<Doc<T> | null> {
    const { name } = this.#reading.declaredFor(collection, id);
    const found = await this.#look(name, id);
    return found && docOf(collection, found);
  }

  async getMany<T>(collection: Collection<T>, ids: readonly string[]): Promise<(Doc<T> | null)[]> {
    const names = this.#reading.namesOf(collection, ids);
    if (names.length === 0) return [];
    const { documents } = await this.#read(() => this.#reading.get(collection.name, names, {}));
    return inOrder(collection, names, documents);
  }

  async query<T>(collection: Collection<T>, query: Query): Promise<Page<T>> {
    const declared = this.#reading.declared(collection);
    const structured = structuredQuery(this.#root, declared, query);
    const { documents } = await this.#read(() => this.#reading.run(declared.name, structured, {}));
    return pageOf(collection, query, documents);
  }

  async create<T>(collection: Collection<T>, id: string, data: T): Promise<void> {
    await this.#writing.create(this.#reading.declaredFor(collection, id), id, data);
  }

  async put<T>(collection: Collection<T>, id: string, data: T, ifVersion?: Version): Promise<void> {
    await this.#writing.put(this.#reading.declaredFor(collection, id), id, data, ifVersion);
  }

  async delete(collection: Collection<unknown>, id: string, ifVersion?: Version): Promise<void> {
    await this.#writing.delete(this.#reading.declaredFor(collection, id), id, ifVersion);
  }

  watch<T>(
    collection: Collection<T>,
    id: string,
    seen: (doc: Doc<T> | null) => void,
    failed: (error: unknown) => void,
  ): () => void {
    this.#reading.declaredFor(collection, id);
    return this.#watching.add(collection, id, seen, failed);
  }

  async transaction<R>(fn: (tx: Transaction) => Promise<R>, options: TransactionOptions = {}): Promise<R> {
    return this.#committing.transaction(fn, options);
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#committing.close();
    await this.#parts.closeFirestore();
    await this.#parts.channel.close();
  }

  async #look(collection: string, id: string): Promise<Document | null> {
    const name = nameOf(this.#root, collection, id);
    const { documents } = await this.#read(() => this.#reading.get(collection, [name], {}));
    return documents[0] ?? null;
  }

  /** Reads may always be repeated. @throws StoreBusy */
  async #read<R>(read: () => Promise<R>): Promise<R> {
    const effort = this.#effort();
    for (;;) {
      try {
        return await read();
      } catch (error) {
        const verdict = verdictOf(error, 'read');
        if (verdict !== 'later' && verdict !== 'conflict') throw error;
        if (effort.over()) throw busy(error);
        await effort.pause();
      }
    }
  }

  #effort(): Effort {
    return new Effort(this.#parts.clock, () => this.#parts.ids.fraction());
  }
}
