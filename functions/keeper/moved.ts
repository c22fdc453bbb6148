import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Why no session can be created once the data folder was moved under a living keeper: all that it makes lies by its
 * path. Null while the folder is where it was.
 */
export const openMovedRefusal = (dir: string): (() => Promise<string | null>) => {
  const own = statSync(dir);
  return async () => {
    const now = await stat(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    });
    if (now !== null && now.ino === own.ino && now.dev === own.dev) return null;
    return `The data folder was moved away from ${dir} while sessions ran in it. Move it back, or end these sessions; then create new ones.`;
  };
};
