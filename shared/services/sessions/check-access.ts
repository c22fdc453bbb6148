import { Problem } from '#contract/errors.ts';
import type { Role } from '#contract/entities/workspace.ts';
import { keyOf, sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { stillValid } from '../keys/authenticate.ts';

/** Whether an open stream of a session may go on: its key holds, and its caller may still use the session as `needs` says. */
export const checkAccess = async (deps: Deps, call: Call, sessionId: string, needs: Role): Promise<boolean> => {
  try {
    const key = keyOf(call.actor);
    if (key === null || !(await stillValid(deps, key))) return false;
    await sessionFor(lookupIn(deps.store), call, sessionId, needs);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
};
