import type { DatabaseSync } from 'node:sqlite';
import type { Collection } from '#ports/store.ts';
import { checkCollection, fieldsOf, isList } from '../rules.ts';
import { StoreTooNew } from './errors.ts';
import { syncLists } from './lists.ts';
import { fieldSql, indexName, tableOf } from './names.ts';

/** Marks the file as a store of this program ("OnMO"). */
const APPLICATION_ID = 0x4f6e4d4f;

/**
 * Changes documents from the previous version. Runs inside the transaction that also raises the version. Must be safe
 * to repeat: earlier releases may write the file between two runs.
 */
export type Migration = (tools: MigrationTools) => void;

export interface MigrationTools {
  readonly database: DatabaseSync;
  /**
   * Calls `change` for every document of a collection. Its result is written; null deletes the document, undefined
   * keeps it.
   */
  rewrite(collection: string, change: (data: unknown, id: string) => object | null | undefined): void;
  /**
   * As above, but also gives documents new ids. If the new id is after the old one, `change` is called for the moved
   * document again and must return the same result.
   */
  move(collection: string, change: (data: unknown, id: string) => { readonly id: string; readonly data: object }): void;
}

/** The versions of documents that a release knows. */
export interface Versions {
  /** The version of the documents that it writes. */
  readonly schemaVersion: number;
  /** The earliest version whose releases can read documents of this version. */
  readonly readableFrom: number;
}

/**
 * The version of a file's documents: that of the release which opened it last. The file of a later release is accepted
 * if that release has recorded that this one can read it. @throws StoreTooNew, Error for a file of another program
 */
export const checkVersion = (
  database: DatabaseSync,
  path: string,
  schemaVersion: number,
): { readonly found: number; readonly empty: boolean } => {
  const found = pragma(database, 'user_version');
  const made = pragma(database, 'application_id');
  const empty = pragma(database, 'schema_version') === 0;
  if (!empty && made !== APPLICATION_ID) throw new Error(`${path} is a database of another program`);
  const needed = empty ? 0 : (readableFrom(database) ?? found);
  if (needed > schemaVersion) {
    throw new StoreTooNew(
      `${path} was written by a newer version of OnMemOS (its documents need schema ${needed}, this one knows ${schemaVersion}); use that version`,
    );
  }
  return { found, empty };
};

const READABLE_FROM = 'readable_from';

/** The earliest version that can read all documents that were ever written into the file; null if none is recorded. */
const readableFrom = (database: DatabaseSync): number | null => {
  if (!database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").get()) return null;
  const row = database.prepare('SELECT value FROM meta WHERE key = ?').get(READABLE_FROM);
  return row ? Number(row['value']) : null;
};

/** Tables, indexes and version as declared. @throws StoreTooNew */
export const prepareSchema = (
  database: DatabaseSync,
  path: string,
  collections: readonly Collection<unknown>[],
  { schemaVersion, readableFrom }: Versions,
  migrations: Readonly<Record<number, Migration>>,
): void => {
  for (const collection of collections) checkCollection(collection);
  const { found, empty } = checkVersion(database, path, schemaVersion);
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID');
    for (const { name } of collections) {
      database.exec(
        `CREATE TABLE IF NOT EXISTS "${tableOf(name)}" (id TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL)`,
      );
    }
    if (!empty) migrate(database, found, schemaVersion, migrations);
    for (const collection of collections) {
      syncIndexes(database, collection);
      syncLists(database, collection);
    }
    database
      .prepare(
        `INSERT INTO meta (key, value) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value < excluded.value`,
      )
      .run(READABLE_FROM, readableFrom);
    // An earlier release lowers the version. The later release then upgrades again the documents that the earlier one
    // wrote.
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

const migrate = (
  database: DatabaseSync,
  from: number,
  to: number,
  migrations: Readonly<Record<number, Migration>>,
): void => {
  const each = (table: string, visit: (data: unknown, id: string) => void): void => {
    const page = database.prepare(`SELECT id, body FROM "${table}" WHERE id > ? ORDER BY id LIMIT 500`);
    for (let rows = page.all(''); rows.length > 0; rows = page.all(String(rows.at(-1)?.id))) {
      for (const { id, body } of rows) visit(JSON.parse(String(body)), String(id));
    }
  };
  const rewrite: MigrationTools['rewrite'] = (collection, change) => {
    const table = tableOf(collection);
    const update = database.prepare(`UPDATE "${table}" SET body = ? WHERE id = ?`);
    const remove = database.prepare(`DELETE FROM "${table}" WHERE id = ?`);
    each(table, (data, id) => {
      const changed = change(data, id);
      if (changed === null) remove.run(id);
      else if (changed !== undefined) update.run(JSON.stringify(changed), id);
    });
  };
  const move: MigrationTools['move'] = (collection, change) => {
    const table = tableOf(collection);
    const update = database.prepare(`UPDATE "${table}" SET id = ?, body = ? WHERE id = ?`);
    each(table, (data, id) => {
      const moved = change(data, id);
      update.run(moved.id, JSON.stringify(moved.data), id);
    });
  };
  for (let version = from + 1; version <= to; version++) migrations[version]?.({ database, rewrite, move });
};

/** Creates the declared indexes and drops those that are no longer declared. */
const syncIndexes = (database: DatabaseSync, collection: Collection<unknown>): void => {
  const table = tableOf(collection.name);
  // Those over a list are in its own table.
  const own = collection.indexes.map(fieldsOf).filter((fields) => !fields.some((field) => isList(collection, field)));
  const wanted = new Map(own.map((fields) => [indexName(collection.name, fields), fields]));
  const present = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND name LIKE 'ix$%'")
    .all(table)
    .map((row) => String(row.name));
  for (const name of present) if (!wanted.has(name)) database.exec(`DROP INDEX "${name}"`);
  for (const [name, fields] of wanted) {
    database.exec(`CREATE INDEX IF NOT EXISTS "${name}" ON "${table}" (${fields.map(fieldSql).join(', ')}, id)`);
  }
};

const pragma = (database: DatabaseSync, name: string): number => {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name] ?? 0);
};
