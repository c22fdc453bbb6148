import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '#ports/clock.ts';
import type { Collection } from '#ports/store.ts';
import { makeFolder } from '#platform/durable-folder.ts';
import { typed } from './errors.ts';
import { makePrivateFile, takeLock } from './lock.ts';
import { checkVersion, type Migration, prepareSchema } from './schema.ts';
import { SqliteStore } from './sqlite-store.ts';

export interface SqliteStoreOptions {
  /** The store's file. `-wal`, `-shm` and `.lock` are in the same folder, which is created if needed. */
  readonly path: string;
  readonly collections: readonly Collection<unknown>[];
  readonly clock: Clock;
  /** The version of the documents, saved in the file. */
  readonly schemaVersion: number;
  /**
   * The earliest version whose releases can read documents of this version, saved in the file. Default: this version.
   */
  readonly readableFrom?: number;
  /** Upgrades by the version to which they lead. A version without an upgrade changes no document. */
  readonly migrations?: Readonly<Record<number, Migration>>;
  /** In [0, 1), for the jitter of retries. */
  readonly fraction?: () => number;
}

/**
 * FULL: a commit is on the disk before the caller gets its answer. The cache is in KiB. The log shrinks again after a
 * burst.
 */
const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -16384;
  PRAGMA journal_size_limit = 67108864;
`;

/**
 * Opens a store in one file of SQLite, for this process alone.
 * @throws StoreLocked when another process has it, StoreTooNew when a newer version wrote it, StoreFull.
 */
export const openSqliteStore = async (options: SqliteStoreOptions): Promise<SqliteStore> => {
  const { path, collections, clock, schemaVersion, migrations = {}, fraction = Math.random } = options;
  const versions = { schemaVersion, readableFrom: options.readableFrom ?? schemaVersion };
  makeFolder(dirname(path));
  const lock = takeLock(path);
  try {
    makePrivateFile(path);
    const database = new DatabaseSync(path, { timeout: 1000 });
    try {
      // Runs before any change, so that another program's file is not changed.
      checkVersion(database, path, schemaVersion);
      database.exec(PRAGMAS);
      prepareSchema(database, path, collections, versions, migrations);
    } catch (error) {
      database.close();
      throw error;
    }
    return new SqliteStore({ path, database, collections, clock, fraction, release: lock.release });
  } catch (error) {
    lock.release();
    throw typed(error);
  }
};
