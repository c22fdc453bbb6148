import type { Collection, Query } from '#ports/store.ts';
import { decodeCursor, type Position } from '../cursor.ts';
import { checkQuery } from '../rules.ts';
import { listColumn, listTableOf } from './lists.ts';
import { fieldSql, indexName, tableOf } from './names.ts';

type Value = string | number;
interface Bound {
  readonly value: Value;
  readonly inclusive: boolean;
}

/**
 * One scan along an index. A query after a cursor needs two: the rest of the cursor's ties, then the values after it.
 */
export interface Segment {
  /** The statement's text for these columns; the last parameter is the limit. */
  readonly sql: (columns: string) => string;
  readonly params: readonly Value[];
}

/** @throws TypeError, RangeError, BadCursor */
export const compileQuery = (collection: Collection<unknown>, query: Query): readonly Segment[] => {
  const shape = checkQuery(collection, query);
  const position = decodeCursor(collection.name, query);
  const { list } = shape;
  // Without an order the ids of the list's table are in order as well.
  const idColumn = list === null ? 'id' : 'doc_id';
  const orderColumn = (field: string): string => (list === null ? fieldSql(field) : listColumn(field));
  const key = shape.order === null ? idColumn : orderColumn(shape.order);
  const conditions: string[] = [];
  const params: Value[] = [];
  if (list !== null) {
    conditions.push('text = ?');
    params.push(query.contains?.text ?? '');
  }
  for (const field of shape.equal) {
    const value = query.where?.[field];
    if (value === undefined) continue;
    conditions.push(`${fieldSql(field)} = ? AND ${typeSql(field, value)}`);
    params.push(typeof value === 'boolean' ? Number(value) : value);
    if (list === null) continue;
    conditions.push(`${listColumn(field)} = ?`);
    params.push(typeof value === 'boolean' ? Number(value) : value);
  }
  if (shape.order !== null) conditions.push(`json_type(body, '$.${shape.order}') IN ('integer', 'real', 'text')`);

  const index = shape.index === null ? '' : ` INDEXED BY "${indexName(collection.name, shape.index)}"`;
  const source =
    list === null
      ? `FROM "${tableOf(collection.name)}"${index}`
      : `FROM "${listTableOf(collection.name, shape.index ?? [list], list)}" CROSS JOIN "${tableOf(collection.name)}" ON id = doc_id`;
  const direction = shape.direction === 'asc' ? 'ASC' : 'DESC';
  const byId = `${idColumn} ${direction}`;
  const byKey = shape.order === null ? byId : `${key} ${direction}, ${byId}`;
  const segment = (more: readonly { readonly sql: string; readonly value: Value }[], sorted = byKey): Segment => {
    const where = [...conditions, ...more.map((condition) => condition.sql)].join(' AND ');
    return {
      sql: (columns) => `SELECT ${columns} ${source} WHERE ${where} ORDER BY ${sorted} LIMIT ?`,
      params: [...params, ...more.map((condition) => condition.value)],
    };
  };
  const between = ({ lower, upper }: Bounds) => [
    ...(lower ? [{ sql: `${key} ${lower.inclusive ? '>=' : '>'} ?`, value: lower.value }] : []),
    ...(upper ? [{ sql: `${key} ${upper.inclusive ? '<=' : '<'} ?`, value: upper.value }] : []),
  ];

  const bounds = boundsOf(query, shape.order !== null);
  const ascending = shape.direction === 'asc';
  const start = startAfter(bounds, position, ascending);
  if (start === null) return [segment(between(bounds))];
  const after = segment(between(ascending ? { ...bounds, lower: start } : { ...bounds, upper: start }));
  if (position === null || position.value === null) return [after];
  const same = [
    { sql: `${key} = ?`, value: position.value },
    { sql: `${idColumn} ${ascending ? '>' : '<'} ?`, value: position.id },
    ...between(ascending ? { upper: bounds.upper } : { lower: bounds.lower }),
  ];
  // The key has one value here. SQLite does not see that and would sort by it.
  const ties = segment(same, byId);
  return [ties, after];
};

interface Bounds {
  readonly lower?: Bound | undefined;
  readonly upper?: Bound | undefined;
}

/**
 * SQLite sorts null before numbers before text. The bounds exclude null and values of another type, so that the scan of
 * the index starts at the first match.
 */
const boundsOf = ({ range = {} }: Query, byField: boolean): Bounds => {
  const lower = bound(range.gt, range.gte);
  const upper = bound(range.lt, range.lte);
  if (!byField) return { lower: lower ?? { value: '', inclusive: false }, upper };
  if (typeof (lower ?? upper)?.value === 'string') return { lower: lower ?? { value: '', inclusive: true }, upper };
  return {
    lower: lower ?? { value: Number.NEGATIVE_INFINITY, inclusive: true },
    upper: upper ?? (lower && { value: '', inclusive: false }),
  };
};

const bound = (exclusive: Value | undefined, inclusive: Value | undefined): Bound | undefined => {
  if (exclusive !== undefined) return { value: exclusive, inclusive: false };
  return inclusive === undefined ? undefined : { value: inclusive, inclusive: true };
};

/** The cursor's bound, which replaces the bound of the range; null if the cursor is before the range. */
const startAfter = (bounds: Bounds, position: Position | null, ascending: boolean): Bound | null => {
  if (position === null) return null;
  const value = position.value ?? position.id;
  const own = ascending ? bounds.lower : bounds.upper;
  if (own) {
    const compared = compareValues(value, own.value) * (ascending ? 1 : -1);
    if (compared < 0 || (compared === 0 && !own.inclusive)) return null;
  }
  return { value, inclusive: false };
};

/** The store's order: numbers, then text by its UTF-8 bytes. */
const compareValues = (a: Value, b: Value): number => {
  if (typeof a === 'number') return typeof b === 'number' ? Math.sign(a - b) : -1;
  return typeof b === 'number' ? 1 : Buffer.compare(Buffer.from(a), Buffer.from(b));
};

/** `json_extract` returns true as 1 and an object as its text, so the condition compares the type too. */
const typeSql = (field: string, value: Value | boolean): string => {
  if (typeof value === 'boolean') return `json_type(body, '$.${field}') = '${value}'`;
  const types = typeof value === 'string' ? "= 'text'" : "IN ('integer', 'real')";
  return `json_type(body, '$.${field}') ${types}`;
};
