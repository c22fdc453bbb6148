import type { ListPage } from '#contract/entities/common.ts';
import { invalidField } from '#contract/errors.ts';
import type { Collection, Query, Reader } from '#ports/store.ts';
import { BadCursor } from '#ports/store.ts';
import { batchesOf } from './batches.ts';

/** Length of a list without a limit. The Link header of a plain array leads to the rest. */
export const MOST_LISTED = 1000;
const AT_ONCE = 16;

export interface PageInput {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** One page of a query, in the wire's form. @throws Problem invalid on a cursor that is none of ours */
export const pageOfQuery = async <T, R>(
  reader: Reader,
  collection: Collection<T>,
  query: Omit<Query, 'limit' | 'cursor'>,
  input: PageInput,
  toWire: (doc: T) => R | Promise<R>,
): Promise<ListPage<R>> => {
  try {
    const page = await reader.query(collection, {
      ...query,
      limit: input.limit ?? MOST_LISTED,
      ...(input.cursor === undefined ? {} : { cursor: input.cursor }),
    });
    const items: R[] = [];
    // A few at once, because some items are measured for the answer.
    for (const batch of batchesOf(page.docs, AT_ONCE)) {
      items.push(...(await Promise.all(batch.map((doc) => toWire(doc.data)))));
    }
    return { items, next_cursor: page.next };
  } catch (error) {
    if (error instanceof BadCursor)
      throw invalidField('cursor', 'is not from an earlier page of this list; start without it');
    throw error;
  }
};

/** Every document that matches, page by page. The caller bounds it by what it asks. */
export async function* everyDoc<T>(
  reader: Pick<Reader, 'query'>,
  collection: Collection<T>,
  query: Omit<Query, 'limit' | 'cursor'>,
  limit = 500,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await reader.query(collection, { ...query, limit, ...(cursor === undefined ? {} : { cursor }) });
    for (const doc of page.docs) yield doc.data;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}
