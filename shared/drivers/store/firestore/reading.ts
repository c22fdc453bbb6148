import type { Collection } from '#ports/store.ts';
import { checkId } from '../rules.ts';
import type { Channel, ReadAnswer } from './channel.ts';
import { nameOf, type Root } from './documents.ts';
import type { Observer } from './observe.ts';
import type { StructuredQuery } from './structured-query.ts';

interface Parts {
  readonly channel: Channel;
  readonly database: string;
  readonly root: Root;
  readonly collections: readonly Collection<unknown>[];
  readonly observer: Observer;
}

/** Reads of documents, inside and outside transactions, each counted as Firestore charges it. */
export class Reading {
  readonly #parts: Parts;
  readonly #collections: ReadonlyMap<string, Collection<unknown>>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#collections = new Map(parts.collections.map((collection) => [collection.name, collection]));
  }

  /** The declaration that the store was opened with. @throws TypeError */
  declared(collection: Collection<unknown>): Collection<unknown> {
    const declared = this.#collections.get(collection.name);
    if (!declared) throw new TypeError(`the store was opened without a collection "${collection.name}"`);
    return declared;
  }

  /** The same for a document with this id. @throws TypeError also for an id that some store can't keep */
  declaredFor(collection: Collection<unknown>, id: string): Collection<unknown> {
    const declared = this.declared(collection);
    checkId(declared.name, id);
    return declared;
  }

  /** The names of documents in Firestore. @throws TypeError */
  namesOf(collection: Collection<unknown>, ids: readonly string[]): string[] {
    return ids.map((id) => nameOf(this.#parts.root, this.declaredFor(collection, id).name, id));
  }

  /** @param names each once or more */
  async get(collection: string, names: readonly string[], within: object): Promise<ReadAnswer> {
    const { channel, database } = this.#parts;
    const documents = [...new Set(names)];
    const answer = await channel.get({ database, documents, ...within });
    this.#count(collection, documents.length);
    return answer;
  }

  async run(collection: string, structuredQuery: StructuredQuery, within: object): Promise<ReadAnswer> {
    const { channel, root } = this.#parts;
    const answer = await channel.run({ parent: root, structuredQuery, ...within });
    const { length: found } = answer.documents;
    this.#count(collection, Math.max(1, found), found === 0);
    return answer;
  }

  #count(collection: string, count: number, empty = false): void {
    this.#parts.observer.operation?.({ verb: 'read', collection, count, empty });
  }
}
