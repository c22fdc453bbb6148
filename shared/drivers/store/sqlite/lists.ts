import type { DatabaseSync } from 'node:sqlite';
import type { Collection } from '#ports/store.ts';
import { fieldsOf } from '../rules.ts';
import { fieldSql, indexName, tableOf } from './names.ts';

/**
 * SQLite has no index over the elements of a list. So each list has a table with a row for each text of each document,
 * beside the fields that its indexes name, and an index in it for each declared one. Triggers keep it, so that no writer
 * can forget it, a migration and an earlier release included.
 */
export const listTableOf = (collection: string, list: string): string => `in_${collection}$${list}`;
/** A field of the document, in that table. */
export const listColumn = (field: string): string => `"f$${field}"`;

interface ListSchema {
  readonly table: string;
  /** The table first, then its indexes and triggers. */
  readonly statements: readonly string[];
  readonly fill: string;
}

const schemaOf = ({ name, indexes }: Collection<unknown>, list: string): ListSchema => {
  const doc = tableOf(name);
  const table = listTableOf(name, list);
  // One index serves both directions.
  const byName = new Map(indexes.map(fieldsOf).map((fields) => [indexName(name, fields), fields]));
  const own = [...byName.values()].filter((fields) => fields.includes(list));
  const fields = [...new Set(own.flat())].filter((field) => field !== list).toSorted();
  const columns = ['text', ...fields.map(listColumn), 'doc_id'];
  // An expression over a document's row, in a trigger and over the whole table.
  const of = (row: string, sql: string): string => sql.replaceAll('(body,', `(${row}.body,`);
  const rows = (row: string): string =>
    `SELECT DISTINCT element.value, ${[...fields.map((field) => of(row, fieldSql(field))), `${row}.id`].join(', ')}`;
  const elements = (row: string): string =>
    `json_each(${row}.body, '$.${list}') AS element WHERE json_type(${row}.body, '$.${list}') = 'array' AND element.type = 'text'`;
  const insert = `INSERT INTO "${table}" (${columns.join(', ')})`;
  const remove = `DELETE FROM "${table}" WHERE doc_id = old.id`;
  const seen = [fieldSql(list), ...fields.map(fieldSql)];
  const changed = ['old.id IS NOT new.id', ...seen.map((sql) => `${of('old', sql)} IS NOT ${of('new', sql)}`)];
  const trigger = (event: string, when: string, work: readonly string[]): string =>
    `CREATE TRIGGER "${table}$${event}" AFTER ${event.toUpperCase()} ON "${doc}"${when} BEGIN ${work.join('; ')}; END`;
  const add = `${insert} ${rows('new')} FROM ${elements('new')}`;
  return {
    table,
    statements: [
      `CREATE TABLE "${table}" (${columns.join(', ')}, PRIMARY KEY (text, doc_id)) WITHOUT ROWID`,
      `CREATE INDEX "${table}$doc" ON "${table}" (doc_id)`,
      ...own.map((index) => {
        const keys = index.map((field) => (field === list ? 'text' : listColumn(field)));
        return `CREATE INDEX "${indexName(name, index)}" ON "${table}" (${keys.join(', ')}, doc_id)`;
      }),
      trigger('insert', '', [add]),
      trigger('update', ` WHEN ${changed.join(' OR ')}`, [remove, add]),
      trigger('delete', '', [remove]),
    ],
    fill: `${insert} ${rows('d')} FROM "${doc}" AS d, ${elements('d')}`,
  };
};

const namesOf = (database: DatabaseSync, sql: string, ...params: readonly string[]): string[] =>
  database
    .prepare(sql)
    .all(...params)
    .map(({ name }) => String(name));

const dropList = (database: DatabaseSync, table: string): void => {
  const triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, length(?)) = ?";
  for (const name of namesOf(database, triggers, `${table}$`, `${table}$`)) database.exec(`DROP TRIGGER "${name}"`);
  database.exec(`DROP TABLE IF EXISTS "${table}"`);
};

/** Makes the tables of lists as declared, from the documents that are there, and drops what is no longer declared. */
export const syncLists = (database: DatabaseSync, collection: Collection<unknown>): void => {
  const wanted = (collection.lists ?? []).map((list) => schemaOf(collection, list));
  const prefix = listTableOf(collection.name, '');
  const tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, length(?)) = ?";
  for (const name of namesOf(database, tables, prefix, prefix))
    if (!wanted.some(({ table }) => table === name)) dropList(database, name);
  const made = new Set(
    database
      .prepare('SELECT sql FROM sqlite_master')
      .all()
      .map(({ sql }) => sql),
  );
  for (const { table, statements, fill } of wanted) {
    if (statements.every((statement) => made.has(statement))) continue;
    dropList(database, table);
    for (const statement of statements) database.exec(statement);
    database.exec(fill);
  }
};
