import { missing, type Problem } from '#contract/errors.ts';
import type { Role } from '#contract/entities/workspace.ts';
import type { ExecChannel } from '#ports/exec.ts';
import { sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { execKey, execs } from '../model/collections.ts';
import type { ExecDoc, SessionDoc } from '../model/docs.ts';
import { refreshed } from './refresh.ts';
import { assertRunning } from '../lifecycle/not-running.ts';
import { channelTo } from './running.ts';

const noSuchExec = (execId: string): Problem =>
  missing('exec', `Exec ${execId} does not exist in this session. List the session’s commands to see which do.`);

const recordOf = async (deps: Deps, sessionId: string, execId: string): Promise<ExecDoc> => {
  const doc = await deps.store.get(execs, execKey(sessionId, execId));
  if (!doc) throw noSuchExec(execId);
  return doc.data;
};

/** An exec as it is now; of a session that has ended, as it was recorded. */
export const execNow = async (
  deps: Deps,
  call: Call,
  sessionId: string,
  execId: string,
): Promise<{ session: SessionDoc; doc: ExecDoc }> => {
  const session = await sessionFor(lookupIn(deps.store), call, sessionId, 'viewer');
  const doc = await recordOf(deps, sessionId, execId);
  if (session.status !== 'running' || doc.status !== 'running') return { session, doc };
  const channel = await channelTo(deps, session);
  return { session, doc: await refreshed(deps, session, doc, channel, false) };
};

/** The running session of an exec. One that is being created has none yet. @throws Problem not_found, forbidden, session_not_running */
export const runningSessionOf = async (
  deps: Deps,
  call: Call,
  sessionId: string,
  execId: string,
  needs: Role,
): Promise<SessionDoc> => {
  const session = await sessionFor(lookupIn(deps.store), call, sessionId, needs);
  if (session.status === 'creating') throw noSuchExec(execId);
  assertRunning(session);
  return session;
};

/** An exec of a running session and the way to it. @throws Problem not_found, forbidden, session_not_running */
export const liveExec = async (
  deps: Deps,
  call: Call,
  sessionId: string,
  execId: string,
  needs: Role,
): Promise<{ session: SessionDoc; doc: ExecDoc; channel: ExecChannel }> => {
  const session = await runningSessionOf(deps, call, sessionId, execId, needs);
  const doc = await recordOf(deps, sessionId, execId);
  return { session, doc, channel: await channelTo(deps, session) };
};
