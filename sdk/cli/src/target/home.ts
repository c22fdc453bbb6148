import { userInfo } from 'node:os';
import { isAbsolute } from 'node:path';

/**
 * The home folder; null if there is none, as for a user without an entry in the system's list and without HOME. An
 * empty or relative HOME counts as unset: nothing of ours is to be written below the current folder.
 */
export const homeOf = (env: NodeJS.ProcessEnv): string | null => {
  if (env['HOME'] !== undefined && isAbsolute(env['HOME'])) return env['HOME'];
  try {
    // Of the system's list, whatever HOME says.
    const { homedir } = userInfo();
    return isAbsolute(homedir) ? homedir : null;
  } catch {
    return null;
  }
};
