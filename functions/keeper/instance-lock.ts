import { DatabaseSync } from 'node:sqlite';

/**
 * Holds a data folder for this process alone. The kernel lets go of the lock when the process dies, however it dies,
 * so nothing stale is ever left behind. @returns the way to let go, or null when another process holds it.
 */
export const lockInstance = (path: string): (() => void) | null => {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return () => database.close();
};

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
