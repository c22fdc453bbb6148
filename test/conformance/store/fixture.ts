import { afterEach, beforeEach } from 'vitest';
import type { Collection, Doc, Page, Query, Store } from '#ports/store.ts';

export interface Item {
  readonly owner?: string;
  readonly rank?: number | string | null;
  readonly active?: boolean;
  readonly n?: number;
  readonly place?: { readonly zone: string };
  readonly tag?: unknown;
  readonly marks?: unknown;
  /** In no index. */
  readonly note?: unknown;
}

export const items: Collection<Item> = {
  name: 'items',
  indexes: [
    ['rank'],
    ['rank desc'],
    ['owner'],
    ['owner', 'rank'],
    ['owner', 'rank desc'],
    ['active', 'owner', 'rank'],
    ['active', 'owner', 'rank desc'],
    ['tag'],
    ['place.zone', 'n'],
    ['place.zone', 'n desc'],
    ['marks', 'rank'],
    ['marks', 'rank desc'],
    ['marks', 'owner', 'rank'],
    ['marks', 'owner', 'rank desc'],
  ],
  lists: ['marks'],
};
export const counters: Collection<{ readonly n: number }> = { name: 'counters', indexes: [['n'], ['n desc']] };
/** As a later release reads `items`. */
export const laterItems: Collection<Item & { readonly since: string }> = {
  name: items.name,
  indexes: items.indexes,
  lists: ['marks'],
  upgrade: (stored) => ({ ...stored, since: stored.since ?? `n${stored.n}` }),
};
export const COLLECTIONS: readonly Collection<unknown>[] = [items, counters];

/** A store that is empty, and the way to be rid of it. */
export interface OpenedStore {
  readonly store: Store;
  /**
   * Calls the store past all locks. When it has answered several times, a call that is still under way is held by a
   * lock. Present where transactions lock.
   */
  probe?(): Promise<void>;
  dispose(): Promise<void>;
}

/** Opens an empty store with these collections. */
export type OpenStore = (collections: readonly Collection<unknown>[]) => Promise<OpenedStore>;

/** A fresh store for each test of the enclosing group. */
export const freshStore = (open: OpenStore): (() => Store) => {
  let opened: OpenedStore | null = null;
  beforeEach(async () => {
    opened = await open(COLLECTIONS);
  });
  afterEach(async () => {
    await opened?.dispose();
    opened = null;
  });
  return () => {
    if (!opened) throw new Error('the store of this test is not open');
    return opened.store;
  };
};

export const idsOf = (docs: readonly (Doc<unknown> | null)[]): (string | null)[] => docs.map((doc) => doc?.id ?? null);

/** All pages of a query, one after another; `between` runs after each. */
export const allPages = async (
  store: Store,
  query: Query,
  between: (page: Page<Item>) => Promise<void> = async () => undefined,
): Promise<string[]> => {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await store.query(items, { ...query, ...(cursor === null ? {} : { cursor }) });
    found.push(...page.docs.map((doc) => doc.id));
    cursor = page.next;
    await between(page);
  } while (cursor !== null);
  return found;
};
