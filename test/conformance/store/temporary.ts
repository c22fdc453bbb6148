import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore, type SqliteStoreOptions } from '#drivers/store/sqlite/open.ts';
import type { SqliteStore } from '#drivers/store/sqlite/sqlite-store.ts';
import { systemClock } from '#platform/clock.ts';
import { COLLECTIONS } from './fixture.ts';

/** A folder of a test's own. */
export const temporaryFolder = async (): Promise<{ readonly path: string; remove(): Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'onmemos-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};

export const openStoreIn = (folder: string, options: Partial<SqliteStoreOptions> = {}): Promise<SqliteStore> =>
  openSqliteStore({
    path: join(folder, 'store.db'),
    collections: COLLECTIONS,
    clock: systemClock,
    schemaVersion: 1,
    ...options,
  });
