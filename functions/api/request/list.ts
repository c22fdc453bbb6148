import type { ListPage } from '#contract/entities/common.ts';
import type { ApiContext } from '../context.ts';

/** What a plain array holds at the most; the rest is behind its Link header. */
const PLAIN_LIMIT = 1000;

/** A page for callers that asked for one; for all others a plain array, with a Link to what it leaves out. */
export const listAnswer = <T>(c: ApiContext, page: ListPage<T>): Response => {
  const { searchParams, pathname } = new URL(c.req.url);
  if (searchParams.has('limit') || searchParams.has('cursor'))
    return c.json({ items: page.items, next_cursor: page.next_cursor });
  if (page.next_cursor !== null) {
    searchParams.set('limit', String(PLAIN_LIMIT));
    searchParams.set('cursor', page.next_cursor);
    c.header('Link', `<${pathname}?${searchParams.toString()}>; rel="next"`);
  }
  return c.json([...page.items]);
};
