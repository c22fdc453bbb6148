import type { CallOptions } from './options.ts';
import type { Query } from './transport/path.ts';
import type { Transport } from './transport/transport.ts';

/** One page of a list. */
export interface Page<T> {
  /** The items of this page. */
  readonly items: readonly T[];
  /** Cursor of the next page; null on the last page. */
  readonly next_cursor: string | null;
}

/** Options of a list. */
export interface PageOptions extends CallOptions {
  /** Items per call, 1 to 1,000 (default: 200). */
  readonly pageSize?: number | undefined;
}

/** A list that is read page by page while iterating: `for await (const item of list)`. */
export class Listing<T> implements AsyncIterable<T> {
  readonly #read: (cursor: string | null) => Promise<Page<T>>;

  constructor(read: (cursor: string | null) => Promise<Page<T>>) {
    this.#read = read;
  }

  /** One page (default: the first). */
  page(cursor: string | null = null): Promise<Page<T>> {
    return this.#read(cursor);
  }

  /** All items, or the first `limit` items, in one array. */
  async all(limit: number = Number.POSITIVE_INFINITY): Promise<T[]> {
    const found: T[] = [];
    if (limit <= 0) return found;
    for await (const item of this) {
      found.push(item);
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Iterates over all items. Each page is read when its first item is needed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    let cursor: string | null = null;
    do {
      const page: Page<T> = await this.#read(cursor);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }
}

const PAGE_SIZE = 200;

/** A list of the API. `make` creates each item. */
export const listing = <Wire, T = Wire>(
  transport: Transport,
  path: string,
  query: Query,
  options: PageOptions,
  make: (item: Wire) => T = (item) => item as unknown as T,
): Listing<T> =>
  new Listing(async (cursor) => {
    const limit = options.pageSize ?? PAGE_SIZE;
    const page = await transport.json<Page<Wire>>({ method: 'GET', path, query: { ...query, limit, cursor } }, options);
    return { items: page.items.map(make), next_cursor: page.next_cursor };
  });
