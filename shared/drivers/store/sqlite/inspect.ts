import { DatabaseSync } from 'node:sqlite';
import { checkVersion } from './schema.ts';

/** Checks, without changing the file, that this program can open a store's file. @throws StoreTooNew, Error */
export const checkStoreFile = (path: string, schemaVersion: number): void => {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    checkVersion(database, path, schemaVersion);
  } finally {
    database.close();
  }
};
