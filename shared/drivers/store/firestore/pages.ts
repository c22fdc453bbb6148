import type { Collection, Page, Query } from '#ports/store.ts';
import { encodeCursor } from '../cursor.ts';
import { docOf, type Document } from './documents.ts';

const at = (data: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | null)?.[name], data);

/** Firestore sorts more kinds of values into an order than the port has: those documents are left out. */
const isOrdered = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';

/** A page of what was found. A full page may be the last: to know would cost one more read. */
export const pageOf = <T>(collection: Collection<T>, query: Query, found: readonly Document[]): Page<T> => {
  const { order } = query;
  const docs = found.map((document) => docOf(collection, document));
  const last = docs.at(-1);
  const full = last !== undefined && found.length === query.limit;
  // The stored form is what the index has; a later release may read it differently.
  const orderedBy = (doc: (typeof docs)[number]): unknown => (order === undefined ? null : at(doc.data, order.field));
  const position = last && { value: order === undefined ? null : (orderedBy(last) as string | number), id: last.id };
  return {
    docs: order === undefined ? docs : docs.filter((doc) => isOrdered(orderedBy(doc))),
    next: full && position ? encodeCursor(collection.name, query, position) : null,
  };
};
