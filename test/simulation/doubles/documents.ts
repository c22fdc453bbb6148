import { decodeCursor, encodeCursor } from '#drivers/store/cursor.ts';
import { checkCollection, checkId, checkQuery, serialize } from '#drivers/store/rules.ts';
import { AlreadyExists, type Collection, type Doc, type Page, type Query, VersionMismatch } from '#ports/store.ts';
import { frozenCopy } from './frozen.ts';

export interface Write {
  readonly kind: 'create' | 'put' | 'delete';
  readonly collection: string;
  readonly id: string;
  readonly data: unknown;
  readonly ifVersion?: string | undefined;
  /** Of the document as text. */
  readonly bytes: number;
}

/** The change of one document by one commit. */
export interface Change {
  readonly collection: string;
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Value = string | number;

const ASCII = /^[\x20-\x7e]*$/;
const compareText = (a: string, b: string): number => {
  if (ASCII.test(a) && ASCII.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
};
/** Numbers, then text by its UTF-8 bytes. */
const compare = (a: Value, b: Value): number => {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  return typeof b === 'number' ? 1 : compareText(a, b);
};

const member = (data: unknown, field: string): unknown => {
  if (!field.includes('.')) return (data as Record<string, unknown>)[field];
  return field
    .split('.')
    .reduce<unknown>((at, name) => (at === null || typeof at !== 'object' ? undefined : Reflect.get(at, name)), data);
};

const hasText = (list: unknown, text: string): boolean => Array.isArray(list) && list.includes(text);

const inRange = (value: Value, range: Query['range']): boolean => {
  const { gt, gte, lt, lte } = range ?? {};
  const bound = gt ?? gte ?? lt ?? lte;
  if (bound !== undefined && typeof bound !== typeof value) return false;
  return (
    (gt === undefined || compare(value, gt) > 0) &&
    (gte === undefined || compare(value, gte) >= 0) &&
    (lt === undefined || compare(value, lt) < 0) &&
    (lte === undefined || compare(value, lte) <= 0)
  );
};

/** The committed state of a simulated store, which survives all crashes. */
export class Documents {
  readonly #collections = new Map<string, Map<string, Doc<unknown>>>();
  readonly #declared = new Map<string, Collection<unknown>>();
  readonly #observers: ((changes: readonly Change[]) => void)[] = [];
  #version = 0;
  commits = 0;

  constructor(collections: readonly Collection<unknown>[]) {
    for (const collection of collections) {
      checkCollection(collection);
      this.#collections.set(collection.name, new Map());
      this.#declared.set(collection.name, collection);
    }
  }

  /** Calls `observer` after every commit, before any other code runs. */
  observe(observer: (changes: readonly Change[]) => void): void {
    this.#observers.push(observer);
  }

  all<T>(collection: Collection<T>): T[] {
    return [...this.#docs(collection.name).values()].map((doc) => doc.data as T);
  }

  get(collection: string, id: string): Doc<unknown> | null {
    const docs = this.#docs(collection);
    checkId(collection, id);
    return docs.get(id) ?? null;
  }

  query(name: string, query: Query): Page<unknown> {
    const docs = this.#docs(name);
    const declared = this.#declared.get(name) as Collection<unknown>;
    const shape = checkQuery(declared, query);
    const position = decodeCursor(name, query);
    const sign = shape.direction === 'asc' ? 1 : -1;
    const keyOf = (doc: Doc<unknown>): unknown => (shape.order === null ? doc.id : member(doc.data, shape.order));
    const where = Object.entries(query.where ?? {});
    const found: { doc: Doc<unknown>; key: Value }[] = [];
    for (const doc of docs.values()) {
      const key = keyOf(doc);
      if (typeof key !== 'string' && typeof key !== 'number') continue;
      if (!inRange(key, query.range)) continue;
      if (!where.every(([field, value]) => member(doc.data, field) === value)) continue;
      if (query.contains && !hasText(member(doc.data, query.contains.list), query.contains.text)) continue;
      if (position !== null) {
        const along = compare(key, position.value ?? position.id) || compareText(doc.id, position.id);
        if (along * sign <= 0) continue;
      }
      found.push({ doc, key });
    }
    found.sort((a, b) => sign * (compare(a.key, b.key) || compareText(a.doc.id, b.doc.id)));
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    const next =
      // Does not check whether more documents follow, because no caller's loop may depend on that.
      last && page.length === query.limit
        ? encodeCursor(name, query, { value: shape.order === null ? null : last.key, id: last.doc.id })
        : null;
    return { docs: page.map(({ doc }) => doc), next };
  }

  /** Applies all writes or none. @throws AlreadyExists, VersionMismatch */
  commit(writes: readonly Write[]): void {
    const changed = new Map<string, { collection: string; id: string; now: Doc<unknown> | null }>();
    const stateOf = (collection: string, id: string): Doc<unknown> | null => {
      const pending = changed.get(`${collection}/${id}`);
      return pending ? pending.now : (this.#docs(collection).get(id) ?? null);
    };
    for (const { kind, collection, id, data, ifVersion } of writes) {
      const there = stateOf(collection, id);
      if (kind === 'create' && there) throw new AlreadyExists(collection, id);
      if (ifVersion !== undefined && there?.version !== ifVersion) {
        throw new VersionMismatch(`${collection}/${id} has changed`);
      }
      const now = kind === 'delete' ? null : { id, version: String(++this.#version), data };
      changed.set(`${collection}/${id}`, { collection, id, now });
    }
    const changes: Change[] = [];
    for (const { collection, id, now } of changed.values()) {
      const docs = this.#docs(collection);
      const before = docs.get(id)?.data ?? null;
      if (now === null && before === null) continue;
      changes.push({ collection, id, before, after: now?.data ?? null });
      if (now === null) docs.delete(id);
      else docs.set(id, now);
    }
    this.commits += 1;
    for (const observer of this.#observers) observer(changes);
  }

  /** Copies the document at the time of the write. @throws TypeError, RangeError */
  write(kind: Write['kind'], collection: string, id: string, data?: unknown, ifVersion?: string): Write {
    this.#docs(collection);
    checkId(collection, id);
    const bytes = kind === 'delete' ? 0 : Buffer.byteLength(serialize(this.#declaredAs(collection), id, data));
    return { kind, collection, id, data: kind === 'delete' ? null : frozenCopy(data), ifVersion, bytes };
  }

  #declaredAs(collection: string): Collection<unknown> {
    const declared = this.#declared.get(collection);
    if (!declared) throw new TypeError(`the collection ${collection} is not declared`);
    return declared;
  }

  #docs(collection: string): Map<string, Doc<unknown>> {
    const docs = this.#collections.get(collection);
    if (!docs) throw new TypeError(`the collection ${collection} is not declared`);
    return docs;
  }
}
