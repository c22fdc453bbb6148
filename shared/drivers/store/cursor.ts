import { createHash } from 'node:crypto';
import { BadCursor, type Query } from '#ports/store.ts';
import { isFindable, isId } from './rules.ts';

/** The end of a page: the last document's ordered value (null if the order is by id) and its id. */
export interface Position {
  readonly value: string | number | null;
  readonly id: string;
}

/**
 * Binds a cursor to collection, equality, what a list contains, and order. The range stays free: a bound that follows the clock differs
 * from page to page.
 */
const fingerprint = (collection: string, query: Query): string => {
  const where = Object.entries(query.where ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const order = query.order ? [query.order.field, query.order.direction] : [];
  const contains = query.contains ? [query.contains.list, query.contains.text] : null;
  return createHash('sha256')
    .update(JSON.stringify(contains ? [collection, where, order, contains] : [collection, where, order]))
    .digest('base64url')
    .slice(0, 12);
};

/** An opaque text for `Page.next`. */
export const encodeCursor = (collection: string, query: Query, position: Position): string =>
  Buffer.from(JSON.stringify([fingerprint(collection, query), position.value, position.id])).toString('base64url');

/**
 * A caller may have changed the text, so that it names a place where no document can be. Firestore refuses such a place,
 * or never answers. @throws BadCursor if the text is not a cursor or comes from another query
 */
export const decodeCursor = (collection: string, query: Query): Position | null => {
  if (query.cursor === undefined) return null;
  const parts = parse(query.cursor);
  const [print, value, id] = parts;
  const isPlace = typeof value === 'string' ? isFindable(value) : Number.isFinite(value);
  const right = query.order ? isPlace : value === null;
  if (parts.length !== 3 || typeof id !== 'string' || !isId(id) || !right) throw new BadCursor('the cursor is damaged');
  if (print !== fingerprint(collection, query)) throw new BadCursor('the cursor belongs to another query');
  return { value: typeof value === 'string' || typeof value === 'number' ? value : null, id };
};

const parse = (cursor: string): readonly unknown[] => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
};
