import type { Store } from '#ports/store.ts';

export interface SilentWatchStore {
  readonly store: Store;
  /** While this is set, watches tell nothing. */
  silent: boolean;
  /** Ends every watch with this error. */
  fail(error: Error): void;
  /** Watches that are open. */
  readonly open: number;
}

/** A store whose watches go silent or end when a test asks for it, as those of a remote store do. */
export const silentWatchStore = (store: Store): SilentWatchStore => {
  const watches = new Set<(error: unknown) => void>();
  const silent: SilentWatchStore = {
    store: {
      ...store,
      capabilities: { watch: true },
      watch: (collection, id, seen, failed) => {
        const stop = store.watch(collection, id, (doc) => (silent.silent ? undefined : seen(doc)), failed);
        const end = (error: unknown): void => {
          stop();
          if (watches.delete(end)) failed(error);
        };
        watches.add(end);
        return () => {
          watches.delete(end);
          stop();
        };
      },
    },
    silent: false,
    fail: (error) => {
      for (const end of [...watches]) end(error);
    },
    get open() {
      return watches.size;
    },
  };
  return silent;
};
