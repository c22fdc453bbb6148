import type { Collection, Query } from '#ports/store.ts';
import { checkQuery } from '../rules.ts';
import type { Channel, ReadAnswer } from './channel.ts';
import type { Observer } from './observe.ts';
import { type StructuredQuery, shapeOf } from './structured-query.ts';

interface Parts {
  readonly channel: Channel;
  readonly database: string;
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

  async get(collection: string, documents: readonly string[], within: object): Promise<ReadAnswer> {
    const { channel, database } = this.#parts;
    const answer = await channel.get({ database, documents: [...documents], ...within });
    this.#count(collection, documents.length);
    return answer;
  }

  async run(
    collection: Collection<unknown>,
    query: Query,
    structured: StructuredQuery,
    within: object,
  ): Promise<ReadAnswer> {
    const { channel, database, observer } = this.#parts;
    // A query by id alone needs no index.
    if (checkQuery(collection, query).index !== null) observer.shape?.(shapeOf(collection, query));
    const answer = await channel.run({ parent: `${database}/documents`, structuredQuery: structured, ...within });
    this.#count(collection.name, Math.max(1, answer.documents.length));
    return answer;
  }

  #count(collection: string, count: number): void {
    this.#parts.observer.operation?.({ verb: 'read', collection, count });
  }
}
