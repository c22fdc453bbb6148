import { Problem } from '#contract/errors.ts';
import type { Role } from '#contract/entities/workspace.ts';
import { SessionGone } from '#ports/compute.ts';
import type { ExecChannel } from '#ports/exec.ts';
import { type Lookup, sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { lookAtSession } from '../lifecycle/look.ts';
import type { SessionDoc } from '../model/docs.ts';
import { targetOf } from '../model/places.ts';

const ADVICE = {
  creating: 'Wait until it is running (?wait= on the create does).',
  terminating: 'It is ending; create a new one.',
  terminated: 'It has ended; create a new one.',
  failed: 'It has failed; status_message says why. Create a new one.',
} as const;

/** A session that can be reached now. @throws Problem not_found, forbidden, session_not_running */
export const runningSession = (deps: Deps, call: Call, id: string, needs: Role): Promise<SessionDoc> =>
  runningSessionIn(lookupIn(deps.store), call, id, needs);

/** The same as a transaction sees it. */
export const runningSessionIn = async (lookup: Lookup, call: Call, id: string, needs: Role): Promise<SessionDoc> => {
  const session = await sessionFor(lookup, call, id, needs);
  if (session.status !== 'running') {
    throw new Problem('session_not_running', `Session ${id} is ${session.status}. ${ADVICE[session.status]}`);
  }
  return session;
};

/** The way to its keeper or agent. One that is gone is looked at, so that the record soon says so. @throws ComputeUnavailable, SessionGone */
export const channelTo = async (deps: Deps, session: SessionDoc): Promise<ExecChannel> => {
  try {
    return await deps.computes.byDriver(session.driver).exec(targetOf(session));
  } catch (error) {
    if (error instanceof SessionGone) {
      const look = () => lookAtSession(deps, session.id);
      deps.background.run('look at a session that is gone', look, { session_id: session.id });
    }
    throw error;
  }
};
