import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';

/** The home folder; null if there is none, as for a user without an entry in the system's list and without HOME. */
export const homeOf = (env: NodeJS.ProcessEnv): string | null => {
  if (env['HOME'] !== undefined && isAbsolute(env['HOME'])) return env['HOME'];
  try {
    const home = homedir();
    return isAbsolute(home) ? home : null;
  } catch {
    return null;
  }
};
