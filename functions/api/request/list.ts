import type { ListPage } from '#contract/entities/common.ts';
import { invalidField } from '#contract/errors.ts';
import { MOST_LISTED } from '#services/kernel/pages.ts';
import type { ApiContext } from '../context.ts';

/** A page if the caller asked for one, else a plain array with a Link to the rest of the list. */
export const listAnswer = <T>(c: ApiContext, page: ListPage<T>): Response => {
  const { searchParams, pathname } = new URL(c.req.url);
  if (searchParams.has('limit') || searchParams.has('cursor'))
    return c.json({ items: page.items, next_cursor: page.next_cursor });
  if (page.next_cursor !== null) {
    searchParams.set('limit', String(MOST_LISTED));
    searchParams.set('cursor', page.next_cursor);
    c.header('Link', `<${pathname}?${searchParams.toString()}>; rel="next"`);
  }
  return c.json([...page.items]);
};

/** One page of a complete list in memory that always has the same order, such as a catalogue. */
export const pageOfWhole = <T extends { readonly name: string }>(
  whole: readonly T[],
  { limit = MOST_LISTED, cursor }: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
): ListPage<T> => {
  const last = cursor === undefined ? -1 : whole.findIndex(({ name }) => name === cursor);
  if (cursor !== undefined && last < 0)
    throw invalidField('cursor', 'is not from an earlier page of this list; start without it');
  const items = whole.slice(last + 1, last + 1 + limit);
  const more = last + 1 + items.length < whole.length;
  return { items, next_cursor: more ? (items.at(-1)?.name ?? null) : null };
};
