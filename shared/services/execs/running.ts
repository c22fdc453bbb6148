import type { Role } from '#contract/entities/workspace.ts';
import { SessionGone } from '#ports/compute.ts';
import { type ExecChannel, ExecError } from '#ports/exec.ts';
import { type Lookup, sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { assertRunning, endedUnseen, NotRunning } from '../lifecycle/not-running.ts';
import type { SessionDoc } from '../model/docs.ts';
import { targetOf } from '../model/places.ts';
import { waitForSession } from '../lifecycle/wait.ts';

/** Seconds that a call waits for a session that is being created, if its caller does not say. Clients hold a call for 30. */
const DEFAULT_WAIT = 20;

/** A session that can be reached now. @throws Problem not_found, forbidden, session_not_running */
export const runningSession = (deps: Deps, call: Call, id: string, needs: Role): Promise<SessionDoc> =>
  runningSessionIn(lookupIn(deps.store), call, id, needs);

/** The same as a transaction sees it. */
export const runningSessionIn = async (lookup: Lookup, call: Call, id: string, needs: Role): Promise<SessionDoc> => {
  const session = await sessionFor(lookup, call, id, needs);
  assertRunning(session);
  return session;
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

/** The way to its keeper or agent. @throws Problem session_not_running with the reason, ComputeUnavailable */
export const channelTo = async (deps: Deps, session: SessionDoc): Promise<ExecChannel> => {
  const explain = async (error: unknown): Promise<unknown> => (isGone(error) ? endedUnseen(deps, session) : error);
  try {
    return explained(await deps.computes.byDriver(session.driver).exec(targetOf(session)), explain);
  } catch (error) {
    throw await explain(error);
  }
};

/** The keeper or agent has no such session any more. */
const isGone = (error: unknown): boolean =>
  error instanceof SessionGone || (error instanceof ExecError && error.code === 'no_such_session');

/** The channel, whose refusals are put into other words. What a stream of output ends with is none. */
const explained = (channel: ExecChannel, explain: (error: unknown) => Promise<unknown>): ExecChannel => {
  const told = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch(async (error: unknown) => {
      throw await explain(error);
    });
  return {
    start: (exec) => told(channel.start(exec)),
    get: (exec_id) => told(channel.get(exec_id)),
    list: () => told(channel.list()),
    read: (exec_id, from, options) => channel.read(exec_id, from, options),
    offsetAt: (exec_id, time) => told(channel.offsetAt(exec_id, time)),
    wait: (exec_id, signal) => told(channel.wait(exec_id, signal)),
    stdin: (exec_id, offset, data, eof) => told(channel.stdin(exec_id, offset, data, eof)),
    signal: (exec_id, signal) => told(channel.signal(exec_id, signal)),
    resize: (exec_id, cols, rows) => told(channel.resize(exec_id, cols, rows)),
    deadline: (deadline) => told(channel.deadline(deadline)),
    usage: () => told(channel.usage()),
    close: () => channel.close(),
  };
};
