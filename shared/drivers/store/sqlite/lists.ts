import type { DatabaseSync } from 'node:sqlite';
import type { Collection } from '#ports/store.ts';
import { fieldsOf } from '../rules.ts';
import { fieldSql, tableOf } from './names.ts';

/**
 * SQLite has no index over the elements of a list. So each list has a table for each field by which its queries are
 * ordered, with a row for each text of each document, in that order. The fields that its indexes compare are beside it:
 * a query walks the rows of one text and passes over those of other values. An index for each of them would be a row
 * for each text once more, at every change. Triggers keep the tables, so that no writer can forget them, a migration
 * and an earlier release included.
 */
export const listTableOf = (collection: string, index: readonly string[], list: string): string =>
  `in_${collection}$${list}$${orderOf(index, list) ?? ''}`;
/** A field of the document, in that table. */
export const listColumn = (field: string): string => `"f$${field}"`;

const orderOf = (index: readonly string[], list: string): string | null => {
  const last = index.at(-1) ?? list;
  return last === list ? null : last;
};

interface ListSchema {
  readonly table: string;
  /** The table first, then its triggers. */
  readonly statements: readonly string[];
  readonly fill: string;
}

const schemaOf = ({ name, indexes }: Collection<unknown>, list: string, order: string | null): ListSchema => {
  const doc = tableOf(name);
  const own = indexes.filter((fields) => fields.includes(list) && orderOf(fields, list) === order);
  const table = listTableOf(name, own[0] ?? [list], list);
  const compared = [...new Set(own.flat())].filter((field) => field !== list && field !== order).toSorted();
  const fields = [...(order === null ? [] : [order]), ...compared];
  const columns = ['text', ...fields.map(listColumn), 'doc_id'];
  const key = ['text', ...(order === null ? [] : [listColumn(order)]), 'doc_id'];
  // An expression over a document's row, in a trigger and over the whole table.
  const of = (row: string, sql: string): string => sql.replaceAll('(body,', `(${row}.body,`);
  const rows = (row: string): string => {
    const values = [...fields.map((field) => of(row, fieldSql(field))), `${row}.id`];
    const isList = of(row, `json_type(body, '$.${list}') = 'array'`);
    // Null is in no order, and what is no number and no text is sorted out by the query.
    const isOrdered = order === null ? '' : ` AND ${of(row, fieldSql(order))} IS NOT NULL`;
    return `SELECT DISTINCT element.value, ${values.join(', ')} FROM ${row === 'd' ? `"${doc}" AS d, ` : ''}json_each(${row}.body, '$.${list}') AS element WHERE ${isList} AND element.type = 'text'${isOrdered}`;
  };
  const insert = `INSERT INTO "${table}" (${columns.join(', ')})`;
  const texts = `SELECT value FROM json_each(old.body, '$.${list}')`;
  const remove = `DELETE FROM "${table}" WHERE text IN (${texts})${order === null ? '' : ` AND ${listColumn(order)} = ${of('old', fieldSql(order))}`} AND doc_id = old.id`;
  const seen = [fieldSql(list), ...fields.map(fieldSql)];
  const changed = ['old.id IS NOT new.id', ...seen.map((sql) => `${of('old', sql)} IS NOT ${of('new', sql)}`)];
  const trigger = (event: string, when: string, work: readonly string[]): string =>
    `CREATE TRIGGER "${table}$${event}" AFTER ${event.toUpperCase()} ON "${doc}"${when} BEGIN ${work.join('; ')}; END`;
  return {
    table,
    statements: [
      `CREATE TABLE "${table}" (${columns.join(', ')}, PRIMARY KEY (${key.join(', ')})) WITHOUT ROWID`,
      trigger('insert', '', [`${insert} ${rows('new')}`]),
      trigger('update', ` WHEN ${changed.join(' OR ')}`, [remove, `${insert} ${rows('new')}`]),
      trigger('delete', '', [remove]),
    ],
    fill: `${insert} ${rows('d')}`,
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
  const wanted = (collection.lists ?? []).flatMap((list) => {
    // One table serves both directions.
    const indexes = collection.indexes.map(fieldsOf);
    const own = indexes.filter((fields) => fields.includes(list));
    const orders = [...new Set(own.map((fields) => orderOf(fields, list)))];
    return orders.map((order) => schemaOf({ ...collection, indexes }, list, order));
  });
  const prefix = `in_${collection.name}$`;
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
