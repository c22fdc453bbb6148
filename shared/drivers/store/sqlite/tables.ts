import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { AlreadyExists, type Collection, type Doc, type Page, type Query, VersionMismatch } from '#ports/store.ts';
import { encodeCursor } from '../cursor.ts';
import { asRead, orderedAt } from '../rules.ts';
import { compileQuery } from './query-sql.ts';
import { tableOf } from './names.ts';
import { type Prepare, statementCache } from './statements.ts';

export interface Row {
  readonly id: string;
  readonly version: number;
  readonly body: string;
}

type Columns = Record<string, SQLOutputValue>;

/** Reads and writes documents as SQL, synchronously. The caller opens the transactions. */
export class Tables {
  readonly #prepare: Prepare;
  readonly #collections: ReadonlyMap<string, Collection<unknown>>;
  #sequence: number;

  constructor(database: DatabaseSync, collections: readonly Collection<unknown>[]) {
    this.#prepare = statementCache(database);
    this.#collections = new Map(collections.map((collection) => [collection.name, collection]));
    this.#sequence = Number(this.#prepare("SELECT value FROM meta WHERE key = 'sequence'").get()?.value ?? 0);
  }

  /** The declaration that the store was opened with. @throws TypeError */
  declared(collection: Collection<unknown>): Collection<unknown> {
    const declared = this.#collections.get(collection.name);
    if (!declared) throw new TypeError(`the store was opened without a collection "${collection.name}"`);
    return declared;
  }

  get(collection: string, id: string): Row | null {
    const row = this.#prepare(`SELECT version, body FROM "${tableOf(collection)}" WHERE id = ?`).get(id);
    return row ? { id, version: Number(row.version), body: String(row.body) } : null;
  }

  version(collection: string, id: string): number | null {
    const row = this.#prepare(`SELECT version FROM "${tableOf(collection)}" WHERE id = ?`).get(id);
    return row ? Number(row.version) : null;
  }

  /** Up to one row more than the limit, which shows whether more follow. */
  query(collection: Collection<unknown>, query: Query): Row[] {
    return this.#run(collection, query, 'id, version, body').map((row) => ({
      id: String(row.id),
      version: Number(row.version),
      body: String(row.body),
    }));
  }

  /** A text of a query's result that changes whenever the result changes. */
  digest(collection: Collection<unknown>, query: Query): string {
    return digestOf(
      this.#run(collection, query, 'id, version').map((row) => ({ id: String(row.id), version: Number(row.version) })),
    );
  }

  #run(collection: Collection<unknown>, query: Query, columns: string): Columns[] {
    const rows: Columns[] = [];
    for (const segment of compileQuery(collection, query)) {
      const left = query.limit + 1 - rows.length;
      if (left > 0) rows.push(...this.#prepare(segment.sql(columns)).all(...segment.params, left));
    }
    return rows;
  }

  /** @throws AlreadyExists */
  create(collection: string, id: string, body: string): void {
    const sql = `INSERT INTO "${tableOf(collection)}" (id, version, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`;
    if (this.#prepare(sql).run(id, this.#next(), body).changes === 0) throw new AlreadyExists(collection, id);
  }

  /** @throws VersionMismatch */
  put(collection: string, id: string, body: string, ifVersion?: string): void {
    const table = tableOf(collection);
    if (ifVersion !== undefined) {
      const sql = `UPDATE "${table}" SET version = ?, body = ? WHERE id = ? AND version = ?`;
      const changes = this.#prepare(sql).run(this.#next(), body, id, versionNumber(ifVersion)).changes;
      if (changes === 0) throw mismatch(collection, id, ifVersion);
      return;
    }
    const sql = `INSERT INTO "${table}" (id, version, body) VALUES (?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body`;
    this.#prepare(sql).run(id, this.#next(), body);
  }

  /** @returns whether the document existed. @throws VersionMismatch */
  delete(collection: string, id: string, ifVersion?: string): boolean {
    const found = this.version(collection, id);
    if (ifVersion !== undefined && found !== versionNumber(ifVersion)) throw mismatch(collection, id, ifVersion);
    if (found === null) return false;
    this.#prepare(`DELETE FROM "${tableOf(collection)}" WHERE id = ?`).run(id);
    return true;
  }

  /**
   * All versions come from one sequence, so that a document created again never has an old version. Saved with every
   * batch.
   */
  saveSequence(): void {
    const sql = `INSERT INTO meta (key, value) VALUES ('sequence', ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value < excluded.value`;
    this.#prepare(sql).run(this.#sequence);
  }

  #next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }
}

export const digestOf = (rows: readonly { readonly id: string; readonly version: number }[]): string =>
  rows.map((row) => `${row.id} ${row.version}`).join('\n');

export const docOf = <T>(collection: Collection<T>, row: Row): Doc<T> => ({
  id: row.id,
  version: String(row.version),
  data: asRead(collection, JSON.parse(row.body)),
});

/** Rows as `Tables.query` returns them. */
export const pageOf = <T>(collection: Collection<T>, query: Query, rows: readonly Row[]): Page<T> => {
  const docs = rows.slice(0, query.limit).map((row) => docOf(collection, row));
  const last = docs.at(-1);
  if (rows.length <= query.limit || !last) return { docs, next: null };
  const value = query.order ? orderedAt(last.data, query.order.field) : null;
  return { docs, next: encodeCursor(collection.name, query, { value, id: last.id }) };
};

/** The number of a version; -1, which matches no version, for a text that this store did not give. */
const versionNumber = (version: string): number => (/^\d{1,15}$/.test(version) ? Number(version) : -1);

const mismatch = (collection: string, id: string, version: string): VersionMismatch =>
  new VersionMismatch(`${collection}/${id} is no longer at version ${version}`);
