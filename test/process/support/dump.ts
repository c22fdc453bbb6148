import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Everything that a stopped server's store has: rows of every table, by table. */
export const dumpOf = (dataDir: string): Readonly<Record<string, readonly unknown[]>> => {
  const database = new DatabaseSync(join(dataDir, 'store.db'), { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
    return Object.fromEntries(
      tables.map(({ name }) => [String(name), database.prepare(`SELECT * FROM "${name}" ORDER BY 1`).all()]),
    );
  } finally {
    database.close();
  }
};
