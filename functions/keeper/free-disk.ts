import { statfs } from 'node:fs/promises';

/** Below this the server's own database is in danger. */
const LEAST_FREE_BYTES = 1024 * 1024 * 1024;

/** Why the data folder's disk takes no further session, or null. */
export const diskRefusal = async (dir: string): Promise<string | null> => {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  if (free >= LEAST_FREE_BYTES) return null;
  return `Only ${Math.floor(free / 1024 / 1024)} MiB of disk are free at ${dir}; a session needs 1 GiB free there.`;
};
