import { type Collection, DocumentTooLarge, type Query, TransactionTooLarge } from '#ports/store.ts';
import { MOST_GROWTH, storedSize } from './stored-size.ts';

/** All drivers refuse the same input by these rules, so that code which runs on one store runs on every store. */
const MAX_ID_BYTES = 1500;
/** As JSON, and as Firestore counts: it refuses more than 1,048,576, and a driver adds a field of its own. */
const MAX_DOCUMENT_BYTES = 1_000_000;
/** Firestore takes 10 MiB in a request, its emulator 4 MiB, with what they add around each document. */
const MAX_TRANSACTION_BYTES = 3_800_000;
/** Firestore cuts longer texts off in an index, so that a query takes two for one. It takes no longer one in a query. */
const MAX_INDEXED_BYTES = 1499;
/** Of a field's name with those above it, joined by dots. */
const MAX_FIELD_BYTES = 1500;
const MAX_INDEX_ENTRIES = 40_000;
const MAX_PAGE = 1000;
const FIELD = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;
const COLLECTION = /^[a-z][a-z0-9_]{0,62}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern must find control characters
const FORBIDDEN_IN_ID = /[/\u0000-\u001f\u007f]/;

/** @throws TypeError if a collection's declaration is not valid */
export const checkCollection = (collection: Collection<unknown>): void => {
  if (!COLLECTION.test(collection.name)) throw new TypeError(`"${collection.name}" is not a name for a collection`);
  for (const index of collection.indexes) {
    if (index.length === 0) throw new TypeError(`an index of ${collection.name} has no fields`);
    for (const [i, field] of index.entries())
      checkField(collection.name, i === index.length - 1 ? field.replace(DESCENDING, '') : field);
    const lists = index.filter((field) => isList(collection, field));
    const last = index.at(-1) ?? '';
    if (lists.length > 1 || (index.length > 1 && isList(collection, last)))
      throw new TypeError(`an index of ${collection.name} has one list at most, and does not end with it`);
  }
};

const DESCENDING = / desc$/;

/** The fields of a declared index, without the direction of the last. */
export const fieldsOf = (index: readonly string[]): readonly string[] =>
  index.map((field) => field.replace(DESCENDING, ''));

/** Whether a field is declared as a list of texts. */
export const isList = ({ lists = [] }: Pick<Collection<unknown>, 'lists'>, field: string): boolean =>
  lists.includes(field);

const checkField = (collection: string, field: string): void => {
  if (!FIELD.test(field)) throw new TypeError(`"${field}" is not a name for a field of ${collection}`);
};

/** Whether every store can keep a document under this id. */
export const isId = (id: string): boolean => {
  const reserved = id === '' || id === '.' || id === '..' || /^__.*__$/s.test(id);
  return !reserved && id.isWellFormed() && !FORBIDDEN_IN_ID.test(id) && Buffer.byteLength(id) <= MAX_ID_BYTES;
};

/** @throws TypeError for an id that some store can't keep */
export const checkId = (collection: string, id: string): void => {
  if (!isId(id)) {
    throw new TypeError(
      `${JSON.stringify(id.slice(0, 80))} can’t be an id in ${collection}: 1 to ${MAX_ID_BYTES} bytes, no slash and no control characters`,
    );
  }
};

/** Firestore stores no map that is nested deeper. */
const MAX_DEPTH = 20;

/** Names of fields of documents and of maps in them, which may be user text. @param above bytes of the names above it */
const isFieldName = (name: string, above: number): boolean =>
  name !== '' && name.isWellFormed() && !/^__.*__$/s.test(name) && above + Buffer.byteLength(name) <= MAX_FIELD_BYTES;

/** Why some store can't keep a value, with the path to it; null if every store can. */
const unkeepable = (value: unknown, path: string, depth: number, above = 0): string | null => {
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'string') return value.isWellFormed() ? null : `${path} has half of a character`;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return `${path} is ${value}`;
    return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63
      ? `${path} is an integer beyond 2^53`
      : null;
  }
  if (typeof value !== 'object') return `${path} is a ${typeof value}`;
  if (depth >= MAX_DEPTH) return `${path} is nested more than ${MAX_DEPTH} deep`;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const why = Array.isArray(item)
        ? `${path}.${i} is an array in an array`
        : unkeepable(item, `${path}.${i}`, depth + 1, above);
      if (why !== null) return why;
    }
    return null;
  }
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) return `${path} is neither a plain object nor an array`;
  for (const [name, item] of Object.entries(value)) {
    // An undefined field is not stored.
    if (item === undefined) continue;
    if (!isFieldName(name, above)) return `${path} has a field without a proper name`;
    const why = unkeepable(item, `${path}.${name}`, depth + 1, above + Buffer.byteLength(name) + 1);
    if (why !== null) return why;
  }
  return null;
};

/** A field of a driver's own, at the top of a document: by which commit it was written. No document has it by itself. */
export const COMMIT_FIELD = '_commit';

/** A document that every store can keep. @throws TypeError with the path that some store can't keep */
const documentOf = (collection: string, id: string, data: unknown): object => {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new TypeError(`${collection}/${id}: a document is an object`);
  }
  if (COMMIT_FIELD in data) throw new TypeError(`${collection}/${id}.${COMMIT_FIELD} is a field of the store’s own`);
  const why = unkeepable(data, `${collection}/${id}`, 0);
  if (why !== null) throw new TypeError(why);
  return data;
};

const valueAt = (data: unknown, field: string): unknown =>
  field
    .split('.')
    .reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), data);

/** By what a document is ordered; null where it has nothing in that field that the port orders by. */
export const orderedAt = (data: unknown, field: string): string | number | null => {
  const value = valueAt(data, field);
  return typeof value === 'string' || typeof value === 'number' ? value : null;
};

const isTooLongForIndex = (text: string): boolean =>
  text.length > MAX_INDEXED_BYTES / 3 && Buffer.byteLength(text) > MAX_INDEXED_BYTES;

/** Whether some document can have this text where a query looks. Firestore answers a query for another with an error. */
export const isFindable = (text: string): boolean => text.isWellFormed() && !isTooLongForIndex(text);

/** Checks that indexes can hold what they are to hold. @throws TypeError, DocumentTooLarge */
const checkIndexed = ({ name, indexes, lists = [] }: Collection<unknown>, id: string, data: object): void => {
  let entries = 0;
  for (const index of indexes) {
    let own = 1;
    for (const field of fieldsOf(index)) {
      const value = valueAt(data, field);
      const isOfList = lists.includes(field) && Array.isArray(value);
      if (isOfList) own = value.length;
      for (const text of isOfList ? value : [value])
        if (typeof text === 'string' && isTooLongForIndex(text))
          throw new TypeError(`${name}/${id}.${field} is in an index, so it may have ${MAX_INDEXED_BYTES} bytes`);
    }
    entries += own;
  }
  if (entries > MAX_INDEX_ENTRIES)
    throw new DocumentTooLarge(`${name}/${id} has ${entries} entries in indexes; it may have ${MAX_INDEX_ENTRIES}`);
};

/** The document as text, so that later changes of the object don't reach the store. @throws TypeError, RangeError */
export const serialize = (collection: Collection<unknown>, id: string, data: unknown): string => {
  const { name } = collection;
  const document = documentOf(name, id, data);
  const body = JSON.stringify(document);
  const bytes = Buffer.byteLength(body);
  const most = bytes * MOST_GROWTH > MAX_DOCUMENT_BYTES ? Math.max(bytes, storedSize(name, id, document)) : bytes;
  if (most > MAX_DOCUMENT_BYTES) {
    throw new DocumentTooLarge(`${name}/${id} has ${most} bytes; a document may have ${MAX_DOCUMENT_BYTES}`);
  }
  checkIndexed(collection, id, document);
  return body;
};

/**
 * Checks that one commit can carry what a transaction writes.
 * @param bytes of all its documents together, as `serialize` gave them. @throws TransactionTooLarge
 */
export const checkTransaction = (bytes: number): void => {
  if (bytes > MAX_TRANSACTION_BYTES)
    throw new TransactionTooLarge(`a transaction writes ${bytes} bytes; it may write ${MAX_TRANSACTION_BYTES}`);
};

/**
 * A document as this release reads it. The caller declares its type, as in any document store; this does not check it.
 */
export const asRead = <T>(collection: Collection<T>, stored: unknown): T =>
  collection.upgrade ? collection.upgrade(stored as T) : (stored as T);

/** A query's fields in the order in which an index has them. */
export interface QueryShape {
  /** Equality fields, in the index's order. */
  readonly equal: readonly string[];
  /** The list that is to contain a text; null: none. It is in the index, before the order. */
  readonly list: string | null;
  readonly order: string | null;
  readonly direction: 'asc' | 'desc';
  /** null: the order is by id alone, which needs no index. */
  readonly index: readonly string[] | null;
}

/** @throws TypeError or RangeError for a query that no driver runs; the message names the index to declare */
export const checkQuery = (collection: Collection<unknown>, query: Query): QueryShape => {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > MAX_PAGE) {
    throw new RangeError(`the limit of a query on ${collection.name} is 1 to ${MAX_PAGE}, not ${query.limit}`);
  }
  const where = Object.entries(query.where ?? {});
  for (const [field, value] of where) {
    checkField(collection.name, field);
    const finite = typeof value === 'number' && Number.isFinite(value);
    if (!finite && typeof value !== 'string' && typeof value !== 'boolean') {
      throw new TypeError(`${collection.name}.${field} is compared with ${String(value)}: text, number or boolean`);
    }
    checkAsked(`${collection.name}.${field}`, value);
  }
  const list = query.contains?.list ?? null;
  if (list !== null && (!isList(collection, list) || typeof query.contains?.text !== 'string'))
    throw new TypeError(`${collection.name}.${list} is not declared as a list, or it is asked for what is no text`);
  if (list !== null) checkAsked(`${collection.name}.${list}`, query.contains?.text);
  const order = query.order?.field ?? null;
  if (order !== null) checkField(collection.name, order);
  checkRange(collection.name, query, order);
  const compared = where.map(([field]) => field);
  if ([...compared, order ?? ''].some((field) => isList(collection, field)))
    throw new TypeError(`a query on ${collection.name} neither compares a list nor orders by it`);
  const fields = list === null ? compared : [...compared, list];
  if (order !== null && fields.includes(order)) {
    throw new TypeError(`${collection.name}.${order} is both compared and ordered by`);
  }
  const direction = query.order?.direction ?? 'asc';
  if (fields.length === 0 && order === null) return { equal: [], list, order, direction, index: null };
  const last = order === null ? null : `${order}${direction === 'desc' ? ' desc' : ''}`;
  const found = collection.indexes.find((candidate) => serves(candidate, fields, last));
  const index = found && fieldsOf(found);
  if (!index) {
    const needed = [...fields.toSorted(), ...(last === null ? [] : [last])];
    throw new TypeError(`a query on ${collection.name} needs an index that is not declared: ${JSON.stringify(needed)}`);
  }
  const equal = index.slice(0, fields.length).filter((field) => field !== list);
  return { equal, list, order, direction, index };
};

/** @throws TypeError for a text that no document can have there */
const checkAsked = (path: string, value: unknown): void => {
  if (typeof value === 'string' && !isFindable(value))
    throw new TypeError(
      `${path} is compared with a text that none has: half of a character, or over ${MAX_INDEXED_BYTES} bytes`,
    );
};

const serves = (index: readonly string[], fields: readonly string[], last: string | null): boolean => {
  if (index.length !== fields.length + (last === null ? 0 : 1)) return false;
  if (last !== null && index.at(-1) !== last) return false;
  return fields.every((field) => index.slice(0, fields.length).includes(field));
};

const checkRange = (collection: string, query: Query, order: string | null): void => {
  const bounds = Object.values(query.range ?? {}).filter((bound) => bound !== undefined);
  const { gt, gte, lt, lte } = query.range ?? {};
  if ((gt !== undefined && gte !== undefined) || (lt !== undefined && lte !== undefined)) {
    throw new TypeError(`a range on ${collection} has at most one bound on each side`);
  }
  if (bounds.some((bound) => typeof bound !== 'string' && !Number.isFinite(bound))) {
    throw new TypeError(`a bound of a range on ${collection} is neither text nor a finite number`);
  }
  if (order === null && bounds.some((bound) => typeof bound !== 'string')) {
    throw new TypeError(`without an order a range on ${collection} is over ids, which are text`);
  }
  for (const bound of bounds) {
    if (order !== null) checkAsked(`${collection}.${order}`, bound);
    // Before the first id is nothing.
    else if (bound !== '') checkId(collection, String(bound));
  }
  if (new Set(bounds.map((bound) => typeof bound)).size > 1) {
    throw new TypeError(`the bounds of a range on ${collection} are of different types`);
  }
};
