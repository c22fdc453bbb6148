import { chmod, readFile } from 'node:fs/promises';
import type { Deps } from '#services/kernel/deps.ts';
import { bootstrapAdminKey, isLivingAdminKey } from '#services/keys/bootstrap.ts';
import { adminKeyPath, keepAdminKey } from '#wiring/admin-key-file.ts';

const readKey = async (path: string): Promise<string | null> => {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** The admin key in the data folder. It is created at the first start, and again if the store does not know it. */
export const ensureAdminKey = async (
  deps: Deps,
  dataDir: string,
): Promise<{ key: string; path: string; made: boolean }> => {
  const path = adminKeyPath(dataDir);
  const present = await readKey(path);
  if (present !== null && (await isLivingAdminKey(deps, present))) {
    await chmod(path, 0o600);
    return { key: present, path, made: false };
  }
  const key = await bootstrapAdminKey(deps, 'admin key of this machine', (made) => keepAdminKey(dataDir, made));
  return { key, path, made: true };
};
