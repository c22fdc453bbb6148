import { DatabaseSync } from 'node:sqlite';
import { checkVersion } from './schema.ts';

/** Looks whether this program can open a store's file, without changing it. @throws StoreTooNew, Error */
export const checkStoreFile = (path: string, schemaVersion: number): void => {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    checkVersion(database, path, schemaVersion);
  } finally {
    database.close();
  }
};
