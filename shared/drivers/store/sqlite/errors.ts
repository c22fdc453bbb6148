import { StoreBusy, StoreFull } from '#ports/store.ts';

/** Another process has the store open for writing. */
export class StoreLocked extends Error {
  override readonly name = 'StoreLocked';
}

/** The file was written by a newer version of the program. */
export class StoreTooNew extends Error {
  override readonly name = 'StoreTooNew';
}

const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
/** Primary result codes after which a whole batch fails: nomem, readonly, ioerr, corrupt, full, cantopen, notadb. */
const FATAL = new Set([7, 8, 10, 11, SQLITE_FULL, 14, 26]);

/** SQLite's primary result code, or null for an error of another kind. */
const sqliteCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null;

export const isBusy = (error: unknown): boolean => sqliteCode(error) === SQLITE_BUSY;
export const isFull = (error: unknown): boolean => error instanceof StoreFull || sqliteCode(error) === SQLITE_FULL;
export const isFatal = (error: unknown): boolean => FATAL.has(sqliteCode(error) ?? -1);

/** The store's error for an error of SQLite, if the store has one. */
export const typed = (error: unknown): unknown => {
  if (sqliteCode(error) === SQLITE_FULL)
    return new StoreFull('the disk that holds the store is full', { cause: error });
  if (isBusy(error)) return new StoreBusy('another program holds the store', { cause: error });
  return error;
};
