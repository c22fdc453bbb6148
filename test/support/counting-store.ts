import type { Collection, Reader, Store, Transaction } from '#ports/store.ts';

/** The reads and writes of a store. */
export interface Trips {
  /**
   * As Firestore charges them: documents that were found by a query, delivered by a watch, or asked for by id, also if
   * missing; and one for a query that found none.
   */
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
  /** Each read and write, such as `read keys`; `read keys (none)` is a query that found nothing. */
  readonly documents: readonly string[];
}

export interface CountingStore {
  readonly store: Store;
  /** Since the last call. */
  trips(): Trips;
  /** Reads since the last call. */
  taken(): number;
}

type Named = Pick<Collection<unknown>, 'name'>;

/** A store that counts reads and writes, inside and outside transactions. */
export const countingStore = (store: Store): CountingStore => {
  let documents: string[] = [];
  const note = (what: string, { name }: Named, count = 1): void => {
    for (let i = 0; i < count; i++) documents.push(`${what} ${name}`);
  };

  const reading = <R extends Reader>(reader: R): Reader => ({
    get: async (collection, id) => {
      note('read', collection);
      return reader.get(collection, id);
    },
    getMany: async (collection, ids) => {
      note('read', collection, new Set(ids).size);
      return reader.getMany(collection, ids);
    },
    query: async (collection, query) => {
      const page = await reader.query(collection, query);
      if (page.docs.length === 0) documents.push(`read ${collection.name} (none)`);
      else note('read', collection, page.docs.length);
      return page;
    },
  });

  /** A write counts if its transaction commits. */
  const counted = (tx: Transaction, written: string[]): Transaction => ({
    ...reading(tx),
    create: (collection, id, data) => {
      written.push(`write ${collection.name}`);
      tx.create(collection, id, data);
    },
    put: (collection, id, data) => {
      written.push(`write ${collection.name}`);
      tx.put(collection, id, data);
    },
    delete: (collection, id) => {
      written.push(`delete ${collection.name}`);
      tx.delete(collection, id);
    },
  });

  const trips = (): Trips => {
    const taken = documents;
    documents = [];
    const count = (what: string): number => taken.filter((each) => each.startsWith(what)).length;
    return { reads: count('read'), writes: count('write'), deletes: count('delete'), documents: taken };
  };

  return {
    store: {
      ...reading(store),
      capabilities: store.capabilities,
      transaction: async (fn, options) => {
        let written: string[] = [];
        const result = await store.transaction((tx) => {
          written = [];
          return fn(counted(tx, written));
        }, options);
        documents.push(...written);
        return result;
      },
      create: async (collection, id, data) => {
        await store.create(collection, id, data);
        note('write', collection);
      },
      put: async (collection, id, data, version) => {
        await store.put(collection, id, data, version);
        note('write', collection);
      },
      delete: async (collection, id, version) => {
        await store.delete(collection, id, version);
        note('delete', collection);
      },
      watch: (collection, id, seen, failed) =>
        store.watch(
          collection,
          id,
          (doc) => {
            note('read', collection);
            seen(doc);
          },
          failed,
        ),
      close: () => store.close(),
    },
    trips,
    taken: () => trips().reads,
  };
};
