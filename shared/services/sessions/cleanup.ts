import { iso } from '#ports/clock.ts';
import { actingUser, actsForAnyone, confinementOf, refuseSessionKeys } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { everyDoc } from '../kernel/pages.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { expireSession } from '../lifecycle/expire.ts';

/** Ends the caller’s (or everyone’s) sessions whose time has come, without waiting for the sweep. */
export const cleanupExpired = async (
  deps: Deps,
  call: Call,
  input: { user?: string | undefined; namespace?: string | undefined },
): Promise<{ cleaned: number }> => {
  refuseSessionKeys(call);
  const user = actsForAnyone(call.actor) ? input.user : actingUser(call, input.user, 'user');
  const confined = confinementOf(call.actor);
  const inReach = (session: SessionDoc): boolean =>
    (user === undefined || session.user === user || session.workspace_owner === user) &&
    (input.namespace === undefined || session.namespace === input.namespace) &&
    (confined === null ||
      (session.workspace_owner === confined.owner && session.workspace_id === confined.workspace_id));
  let cleaned = 0;
  const due = everyDoc(deps.store, sessions, {
    order: { field: 'live_until', direction: 'asc' },
    range: { lte: iso(deps.clock.now()) },
  });
  for await (const session of due) {
    if (inReach(session) && (await expireSession(deps, session.id, call))) cleaned += 1;
  }
  return { cleaned };
};
