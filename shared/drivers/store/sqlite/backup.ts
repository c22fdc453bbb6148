import { open, rename, rm } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { makePrivateFile } from './lock.ts';

const PAGES_AT_ONCE = 1000;

/**
 * Copies an open database as it is at this moment. Uses a separate connection with a read transaction, because each
 * write on the writer's connection would change or restart the copy.
 */
export const copyDatabase = async (path: string, target: string): Promise<void> => {
  const partial = `${target}.partial`;
  const source = new DatabaseSync(path, { readOnly: true });
  try {
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM meta').get();
    await rm(partial, { force: true });
    makePrivateFile(partial);
    await backup(source, partial, { rate: PAGES_AT_ONCE });
    const file = await open(partial, 'r+');
    await file.sync().finally(() => file.close());
    await rename(partial, target);
  } finally {
    source.close();
    await rm(partial, { force: true });
  }
};
