import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Prepares each text once. A store has few texts (collections, indexes, kinds of range). */
export type Prepare = (sql: string) => StatementSync;

export const statementCache = (database: DatabaseSync): Prepare => {
  const cache = new Map<string, StatementSync>();
  return (sql) => {
    let statement = cache.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      cache.set(sql, statement);
    }
    return statement;
  };
};
