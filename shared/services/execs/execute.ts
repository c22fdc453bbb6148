import type { z } from 'zod';
import type { Execute, ExecuteResult, Job } from '#contract/entities/exec.ts';
import { Problem } from '#contract/errors.ts';
import { type ExecChannel, ExecError } from '#ports/exec.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { peekReplay } from '../kernel/idempotency.ts';
import { sessionFor } from '../kernel/access.ts';
import { execs } from '../model/collections.ts';
import { NotRunning, whyNotRunning } from '../lifecycle/not-running.ts';
import { beginExec, type ExecRequest, lostExec } from './begin.ts';
import { collect } from './collect.ts';

const DEFAULT_TIMEOUT_S = 120;
const ANSWERED_LOG_MB = 64;
/** The reader that puts the answer together: a repeat of the call goes on with what the first one held. */
const ANSWER = 'answer';

/** A replay for a session that has ended can't be answered: the log is gone. It is told which exec it was. */
const refuseGoneReplay = async (deps: Deps, call: Call, sessionId: string): Promise<void> => {
  const earlier = await peekReplay(deps, call);
  if (!earlier) return;
  const lookup = lookupIn(deps.store);
  const session = await sessionFor(lookup, call, sessionId, 'editor');
  const doc = await lookup.get(execs, earlier.target);
  if (!doc) return;
  if (doc.status === 'lost') throw lostExec(doc);
  if (session.status !== 'running') {
    throw new Problem(
      'session_not_running',
      `Exec ${doc.exec_id} ran, but its output ended with its session. ${whyNotRunning(session)}`,
      {
        extra: { exec_id: doc.exec_id },
      },
    );
  }
};

/** The session has as many readers as it may: its caller must not take the command for one that did not run. */
const unread = (exec_id: string, { message, cause }: ExecError): Problem =>
  new Problem(
    'quota_exceeded',
    `Exec ${exec_id} was started, but its output can’t be read now. ${message} Read it by \`exec_id\`.`,
    { extra: { exec_id }, cause },
  );

/** @returns what stops looking at the caller */
const endWithCaller = (deps: Deps, exec_id: string, channel: ExecChannel, signal: AbortSignal): (() => void) => {
  const tell = async () => {
    try {
      await channel.signal(exec_id, 'PIPE');
    } catch (error) {
      if (!(error instanceof ExecError && error.code === 'ended')) throw error;
    }
  };
  const gone = () => deps.background.run('end a command whose caller is gone', tell, { exec_id });
  if (signal.aborted) gone();
  signal.addEventListener('abort', gone, { once: true });
  return () => signal.removeEventListener('abort', gone);
};

/**
 * Runs a command and answers with its output, or at once with a job. A command's own time-out is an answer, not an
 * error. A session that is being created is waited for, as long as the command may take; its time-out begins after that.
 * With an Idempotency-Key the command goes on where the caller stops waiting, and the same key meets it again.
 * Without one no caller can ask for its output later, so it ends with its request.
 */
export const execute = async (
  deps: Deps,
  call: Call,
  input: { id: string } & z.infer<typeof Execute>,
  signal?: AbortSignal,
): Promise<z.infer<typeof ExecuteResult> | z.infer<typeof Job>> => {
  const async_execution = input.async_execution ?? false;
  const seconds = input.timeout ?? (async_execution ? null : DEFAULT_TIMEOUT_S);
  const request: ExecRequest = {
    exec_id: input.exec_id ?? undefined,
    command: input.command,
    shell: input.shell,
    cwd: input.cwd,
    env: input.env,
    timeout_ms: seconds === null ? null : Math.ceil(seconds * 1000),
    log_limit_mb: ANSWERED_LOG_MB,
    when_full: async_execution ? 'drop_oldest' : 'hold',
  };
  // The caller of a job does not hold its call for as long as the command may take.
  const patience = { seconds: async_execution ? undefined : (seconds ?? undefined), signal };
  const { session, doc, channel } = await beginExec(deps, call, input.id, request, patience).catch(
    async (error: unknown) => {
      if (error instanceof NotRunning) await refuseGoneReplay(deps, call, input.id);
      throw error;
    },
  );
  if (async_execution) {
    return {
      job_id: doc.exec_id,
      status: 'running',
      session_id: session.id,
      command: input.command,
      started_at: doc.started_at,
    };
  }
  const ended = signal && call.idempotency === null ? endWithCaller(deps, doc.exec_id, channel, signal) : null;
  try {
    return await collect(deps, session, doc, channel, { hold: ANSWER, ...(signal ? { signal } : {}) });
  } catch (error) {
    throw error instanceof ExecError && error.code === 'too_many' ? unread(doc.exec_id, error) : error;
  } finally {
    ended?.();
  }
};
