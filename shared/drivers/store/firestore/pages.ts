import type { Collection, Page, Query } from '#ports/store.ts';
import { encodeCursor } from '../cursor.ts';
import { orderedAt } from '../rules.ts';
import { docOf, type Document } from './documents.ts';

/** A page of what was found. A full page may be the last: to know would cost one more read. */
export const pageOf = <T>(collection: Collection<T>, query: Query, found: readonly Document[]): Page<T> => {
  const { order, limit } = query;
  const docs = found.map((document) => docOf(collection, document));
  const last = docs.at(-1);
  const value = order === undefined || last === undefined ? null : orderedAt(last.data, order.field);
  return {
    // Firestore sorts more kinds of values into an order than the port has: those documents are left out.
    docs: order === undefined ? docs : docs.filter(({ data }) => orderedAt(data, order.field) !== null),
    next: last && found.length === limit ? encodeCursor(collection.name, query, { value, id: last.id }) : null,
  };
};
