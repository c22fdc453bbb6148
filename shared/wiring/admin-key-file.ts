import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the admin key of a standalone server is. */
export const adminKeyPath = (dataDir: string): string => join(dataDir, 'admin.key');

/** Writes an admin key, whole or not at all: a crash must not leave half of one. */
export const keepAdminKey = async (dataDir: string, key: string): Promise<void> => {
  const path = adminKeyPath(dataDir);
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, `${key}\n`, { mode: 0o600, flush: true });
  await rename(temporary, path);
};
