import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isBusy, StoreLocked } from './errors.ts';

/** Created once and readable only by its owner. To open and close a file that SQLite holds would drop its locks. */
export const makePrivateFile = (path: string): void => {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
};

/** A connection that is collected as garbage would end its lock. */
const held = new Set<DatabaseSync>();

/**
 * Takes the exclusive right to write: a lock of the operating system on a small file next to the store. The lock ends
 * with the process, also after a crash. @throws StoreLocked
 */
export const takeLock = (storePath: string): { release(): void } => {
  const path = `${storePath}.lock`;
  makePrivateFile(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new StoreLocked(`${storePath} is open in another process; stop that one first`);
    throw error;
  }
  held.add(lock);
  return {
    release: () => {
      held.delete(lock);
      lock.close();
    },
  };
};
