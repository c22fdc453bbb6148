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
import { waitForSession } from '../lifecycle/wait.ts';

/** Seconds that a call waits for a session that is being created, if its caller does not say. Clients hold a call for 30. */
const DEFAULT_WAIT = 20;

/** What a session is instead of running, why, and what to do. */
const whyNotRunning = ({ id, status, status_message }: SessionDoc): string => {
  if (status === 'creating') return `Session ${id} is still being created. Make the same call again.`;
  const now = status === 'terminating' ? 'is ending' : status === 'failed' ? 'has failed' : 'has ended';
  return `Session ${id} ${now}. ${status_message ?? 'Create a new one.'}`;
};

/** The session is not running. */
class NotRunning extends Problem {
  readonly session: SessionDoc;
  constructor(session: SessionDoc) {
    super(session.status === 'creating' ? 'unavailable' : 'session_not_running', whyNotRunning(session));
    this.session = session;
  }
}

/** A session that can be reached now. @throws Problem not_found, forbidden, session_not_running */
export const runningSession = (deps: Deps, call: Call, id: string, needs: Role): Promise<SessionDoc> =>
  runningSessionIn(lookupIn(deps.store), call, id, needs);

/** The same as a transaction sees it. */
export const runningSessionIn = async (lookup: Lookup, call: Call, id: string, needs: Role): Promise<SessionDoc> => {
  const session = await sessionFor(lookup, call, id, needs);
  assertRunning(session);
  return session;
};

/** @throws Problem unavailable while it is being created, otherwise session_not_running */
export const assertRunning = (session: SessionDoc): void => {
  if (session.status !== 'running') throw new NotRunning(session);
};

/** How long a call waits for a session that is being created. */
export interface Patience {
  /** Default: 20. */
  readonly seconds?: number | undefined;
  /** Aborts when the caller has gone. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does `work` with a session that runs. If the session is being created, waits until it runs or has failed and does
 * `work` again. A session that runs costs no read more.
 * @throws Problem unavailable if it is still being created, session_not_running with the reason if it has failed
 */
export const whenRunning = async <R>(deps: Deps, patience: Patience, work: () => Promise<R>): Promise<R> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NotRunning) || error.session.status !== 'creating') throw error;
    const { seconds = DEFAULT_WAIT, signal } = patience;
    const now = await waitForSession(deps, error.session, seconds, ({ status }) => status !== 'creating', signal);
    // A caller that has gone expects nothing to be started any more.
    if (signal?.aborted) throw error;
    if (now.status !== 'running') throw new NotRunning(now);
    return work();
  }
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
