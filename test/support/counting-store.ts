import type { Reader, Store } from '#ports/store.ts';

export interface CountingStore {
  readonly store: Store;
  /** Documents that were read since the last call: found by a query, or asked for, there or not. */
  taken(): number;
}

/** A store that counts what is read through its port, in transactions and beside them. */
export const countingStore = (store: Store): CountingStore => {
  let reads = 0;
  const counted = <R extends Reader>(reader: R): R =>
    new Proxy(reader, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name, target);
        if (typeof found !== 'function') return found;
        const call = found.bind(target) as (...args: unknown[]) => unknown;
        if (name === 'get') return count(call, () => 1);
        if (name === 'getMany') return count(call, (docs) => (docs as unknown[]).length);
        if (name === 'query') return count(call, (page) => (page as { docs: unknown[] }).docs.length);
        if (name === 'transaction') return (work: (tx: Reader) => unknown) => call((tx: Reader) => work(counted(tx)));
        return call;
      },
    });
  const count =
    (call: (...args: unknown[]) => unknown, sizeOf: (result: unknown) => number) =>
    async (...args: unknown[]): Promise<unknown> => {
      const result = await call(...args);
      reads += sizeOf(result);
      return result;
    };
  return {
    store: counted(store),
    taken: () => {
      const taken = reads;
      reads = 0;
      return taken;
    },
  };
};
