import type { Collection, Query, Reader, Store } from '#ports/store.ts';

/** Told of each query, inside and outside transactions. */
export type QuerySeen = (collection: Collection<unknown>, query: Query) => void;

const recorded = <R extends Reader>(reader: R, seen: QuerySeen): R =>
  new Proxy(reader, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name === 'query')
        return (collection: Collection<unknown>, query: Query) => {
          seen(collection, query);
          return target.query(collection, query);
        };
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** A store that reports its queries. */
export const recordedQueries = (store: Store, seen: QuerySeen): Store => {
  const outside = recorded(store, seen);
  return new Proxy(outside, {
    get: (target, name) =>
      name === 'transaction'
        ? (fn: Parameters<Store['transaction']>[0], options?: Parameters<Store['transaction']>[1]) =>
            store.transaction((tx) => fn(recorded(tx, seen)), options)
        : Reflect.get(target, name),
  });
};
