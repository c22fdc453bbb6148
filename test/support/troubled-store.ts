import type { Store, Transaction } from '#ports/store.ts';

/**
 * The fate of a transaction. `refused`: nothing is written and the store throws. `lost before`: nothing is written and
 * no answer arrives. `lost after`: it is committed but no answer arrives.
 */
export type Trouble = 'refused' | 'lost before' | 'lost after';

export interface TroubledStore {
  readonly store: Store;
  /** The number of documents that each commit since the last call changed. */
  sizes(): readonly number[];
  /** Sets the fate of later transactions, counted from 1. Default: no trouble. */
  trouble(what: Readonly<Record<number, Trouble>>): void;
  /** A function that runs before a later transaction, counted from 1. */
  before(transaction: number, run: () => Promise<unknown>): void;
  /** While this is set, reads outside transactions get no answer. */
  deaf: boolean;
}

const REFUSED = new Error('the store refused');
export const LOST = new Error('the store did not answer');

/** A store that counts its transactions and loses answers when a test asks for it. */
export const troubledStore = (store: Store, refusal: Error = REFUSED): TroubledStore => {
  let sizes: number[] = [];
  let number = 0;
  let troubles: Readonly<Record<number, Trouble>> = {};
  const hooks = new Map<number, () => Promise<unknown>>();

  const counted = (tx: Transaction, ids: Set<string>, drop: boolean): Transaction => {
    const write = (collection: { readonly name: string }, id: string, through: () => void): void => {
      ids.add(`${collection.name}/${id}`);
      if (!drop) through();
    };
    return {
      get: (collection, id) => tx.get(collection, id),
      getMany: (collection, wanted) => tx.getMany(collection, wanted),
      query: (collection, query) => tx.query(collection, query),
      create: (collection, id, data) => write(collection, id, () => tx.create(collection, id, data)),
      put: (collection, id, data) => write(collection, id, () => tx.put(collection, id, data)),
      delete: (collection, id) => write(collection, id, () => tx.delete(collection, id)),
    };
  };

  const troubled: TroubledStore = {
    store: {
      ...store,
      get: async (collection, id) => {
        if (troubled.deaf) throw LOST;
        return store.get(collection, id);
      },
      transaction: async (fn) => {
        number += 1;
        const trouble = troubles[number];
        await hooks.get(number)?.();
        if (trouble === 'refused') throw refusal;
        let ids = new Set<string>();
        const result = await store.transaction((tx) => {
          ids = new Set();
          return fn(counted(tx, ids, trouble === 'lost before'));
        });
        if (trouble !== 'lost before' && ids.size > 0) sizes.push(ids.size);
        if (trouble !== undefined) throw LOST;
        return result;
      },
    },
    sizes: () => {
      const taken = sizes;
      sizes = [];
      return taken;
    },
    trouble: (what) => {
      number = 0;
      hooks.clear();
      troubles = what;
    },
    before: (transaction, run) => void hooks.set(transaction, run),
    deaf: false,
  };
  return troubled;
};
