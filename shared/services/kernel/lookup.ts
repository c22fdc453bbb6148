import type { Store } from '#ports/store.ts';
import type { Lookup } from './access.ts';

/** The store as a lookup of single documents, for reads outside of a transaction. */
export const lookupIn = (store: Store): Lookup => ({
  get: async (collection, id) => (await store.get(collection, id))?.data ?? null,
});
