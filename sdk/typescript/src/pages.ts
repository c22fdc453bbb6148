import type { CallOptions } from './options.ts';
import type { Query } from './transport/path.ts';
import type { Transport } from './transport/transport.ts';

/** One page of a list. */
export interface Page<T> {
  /** In the order of the list. */
  readonly items: readonly T[];
  /** Where the next page begins; null after the last. */
  readonly next_cursor: string | null;
}

/** How a list is read. */
export interface PageOptions extends CallOptions {
  /** How many items one call reads, 1 to 1,000; 200 when left out. */
  readonly pageSize?: number | undefined;
}

/** A list, read page by page as it is gone through: `for await (const item of list)`. */
export class Listing<T> implements AsyncIterable<T> {
  readonly #read: (cursor: string | null) => Promise<Page<T>>;

  constructor(read: (cursor: string | null) => Promise<Page<T>>) {
    this.#read = read;
  }

  /** One page, the first where no cursor is given. */
  page(cursor: string | null = null): Promise<Page<T>> {
    return this.#read(cursor);
  }

  /** Everything, or the first `limit`, in one array. */
  async all(limit: number = Number.POSITIVE_INFINITY): Promise<T[]> {
    const found: T[] = [];
    if (limit <= 0) return found;
    for await (const item of this) {
      found.push(item);
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Goes through all pages, each read when it is come to. */
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

/** A list of the API, each item made by `make`. */
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
