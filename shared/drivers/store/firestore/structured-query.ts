import type { protos } from '@google-cloud/firestore-api';
import type { Collection, Query } from '#ports/store.ts';
import { decodeCursor, type Position } from '../cursor.ts';
import { checkQuery } from '../rules.ts';
import { nameOf, type Root } from './documents.ts';
import { encode } from './values.ts';

export type StructuredQuery = protos.google.firestore.v1.IStructuredQuery;
type Filter = protos.google.firestore.v1.StructuredQuery.IFilter;
type Operator =
  | 'EQUAL'
  | 'ARRAY_CONTAINS'
  | 'LESS_THAN'
  | 'LESS_THAN_OR_EQUAL'
  | 'GREATER_THAN'
  | 'GREATER_THAN_OR_EQUAL';

const NAME = { fieldPath: '__name__' };
const OPERATORS = {
  gt: 'GREATER_THAN',
  gte: 'GREATER_THAN_OR_EQUAL',
  lt: 'LESS_THAN',
  lte: 'LESS_THAN_OR_EQUAL',
} as const satisfies Record<string, Operator>;

const compare = (fieldPath: string, op: Operator, value: unknown): Filter => ({
  fieldFilter: { field: { fieldPath }, op, value: encode(value) },
});

const isSet = (fieldPath: string): Filter => ({ unaryFilter: { field: { fieldPath }, op: 'IS_NOT_NULL' } });

/** @throws TypeError, RangeError, BadCursor */
export const structuredQuery = (root: Root, collection: Collection<unknown>, query: Query): StructuredQuery => {
  const { equal, list, order, direction } = checkQuery(collection, query);
  const position = decodeCursor(collection.name, query);
  const sense = direction === 'asc' ? 'ASCENDING' : 'DESCENDING';
  const bounds = boundsOf(root, collection.name, query, order);
  const filters = [
    ...equal.map((field) => compare(field, 'EQUAL', query.where?.[field])),
    ...(list === null ? [] : [compare(list, 'ARRAY_CONTAINS', query.contains?.text)]),
    // Firestore sorts null before all else, and a bound excludes it.
    ...(order !== null && bounds.length === 0 ? [isSet(order)] : bounds),
  ];
  return {
    from: [{ collectionId: collection.name }],
    ...(filters.length === 0 ? {} : { where: { compositeFilter: { op: 'AND', filters } } }),
    orderBy: [
      ...(order === null ? [] : [{ field: { fieldPath: order }, direction: sense } as const]),
      { field: NAME, direction: sense } as const,
    ],
    ...(position === null ? {} : { startAt: { before: false, values: valuesOf(root, collection.name, position) } }),
    limit: { value: query.limit },
  };
};

const boundsOf = (root: Root, collection: string, { range = {} }: Query, order: string | null): Filter[] =>
  (['gt', 'gte', 'lt', 'lte'] as const).flatMap((bound) => {
    const value = range[bound];
    if (value === undefined) return [];
    const op = OPERATORS[bound];
    if (order !== null) return [compare(order, op, value)];
    // A name needs an id, and no id is before this one.
    if (value === '') return bound === 'gt' || bound === 'gte' ? [] : [beforeAll(root, collection)];
    const referenceValue = nameOf(root, collection, String(value));
    return [{ fieldFilter: { field: NAME, op, value: { referenceValue } } }];
  });

/** Matches no document: no id is before this character, which no id may have. */
const beforeAll = (root: Root, collection: string): Filter => ({
  fieldFilter: { field: NAME, op: 'LESS_THAN', value: { referenceValue: nameOf(root, collection, '\u0001') } },
});

const valuesOf = (root: Root, collection: string, { value, id }: Position) => [
  ...(value === null ? [] : [encode(value)]),
  { referenceValue: nameOf(root, collection, id) },
];
