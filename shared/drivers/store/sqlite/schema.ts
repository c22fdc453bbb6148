import type { DatabaseSync } from 'node:sqlite';
import type { Collection } from '#ports/store.ts';
import { checkCollection } from '../rules.ts';
import { StoreTooNew } from './errors.ts';

/** Marks the file as a store of this program ("OnMO"). */
const APPLICATION_ID = 0x4f6e4d4f;

/**
 * Changes documents from the version before. Runs inside the one transaction that also raises the version. It can be
 * repeated: releases before that version may write the file in between.
 */
export type Migration = (tools: MigrationTools) => void;

export interface MigrationTools {
  readonly database: DatabaseSync;
  /** Every document of a collection: what `change` returns is written, null deletes it, undefined leaves it. */
  rewrite(collection: string, change: (data: unknown, id: string) => object | null | undefined): void;
  /**
   * The same under new ids. A moved document is met once more where its new id follows its old one, and `change` then
   * gives what it gave before.
   */
  move(collection: string, change: (data: unknown, id: string) => { readonly id: string; readonly data: object }): void;
}

export const tableOf = (collection: string): string => `doc_${collection}`;
export const indexName = (collection: string, fields: readonly string[]): string =>
  ['ix', collection, ...fields].join('$');
/** Fields are checked names, so they stand in the text as they are and match the index's expression. */
export const fieldSql = (field: string): string => `json_extract(body, '$.${field}')`;

/** What a release knows of the documents' versions. */
export interface Versions {
  /** Of the documents that it writes. */
  readonly schemaVersion: number;
  /** The earliest version whose releases can read what this one writes. */
  readonly readableFrom: number;
}

/**
 * What version of the documents a file has: that of the release which opened it last. A later release's file is opened
 * where that release said that this one can read it. @throws StoreTooNew, Error for a file of another program
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

/** Of everything that a release has ever written into the file; null where none has said so. */
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
    for (const collection of collections) syncIndexes(database, collection);
    database
      .prepare(
        `INSERT INTO meta (key, value) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value < excluded.value`,
      )
      .run(READABLE_FROM, readableFrom);
    // Lower than it was where an earlier release opens it: the later one then fills in once more what that one leaves out.
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

/** Builds what is declared and drops what no longer is. */
const syncIndexes = (database: DatabaseSync, collection: Collection<unknown>): void => {
  const table = tableOf(collection.name);
  const wanted = new Map(collection.indexes.map((fields) => [indexName(collection.name, fields), fields]));
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
