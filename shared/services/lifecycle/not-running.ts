import { Problem } from '#contract/errors.ts';
import { isTerminal, REASONS, toStatusReason } from '#domain/lifecycle.ts';
import type { Deps } from '../kernel/deps.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { lookAtSession } from './look.ts';

/** What a session is instead of running, why, since when, and what to do next. The one sentence for every call. */
export const whyNotRunning = ({
  id,
  status,
  status_reason,
  status_message,
  ended_at,
  end,
}: Pick<SessionDoc, 'id' | 'status' | 'status_reason' | 'status_message' | 'ended_at' | 'end'>): string => {
  if (status === 'creating') return `Session ${id} is still being created. Make the same call again.`;
  const { what, advice } = REASONS[toStatusReason(status_reason ?? 'session_ended')];
  const message = status_message ?? `${what} ${advice}`;
  // The words of a provider may be all that there is.
  const said = message.endsWith(advice) ? message.slice(0, -advice.length) : message;
  const since = ended_at ?? end?.requested_at;
  const reason = `${said.trim().replace(/\.$/, '')}${since ? ` (${since})` : ''}`;
  return `Session ${id} ${isTerminal(status) ? 'has ended' : 'is ending'}: ${reason}. ${advice}`;
};

/** The session is not running. */
export class NotRunning extends Problem {
  readonly session: SessionDoc;
  constructor(session: SessionDoc) {
    const { status, status_reason } = session;
    super(status === 'creating' ? 'unavailable' : 'session_not_running', whyNotRunning(session), {
      extra: status_reason ? { status_reason } : {},
    });
    this.session = session;
  }
}

/** @throws NotRunning: `unavailable` while it is being created, otherwise `session_not_running` */
export const assertRunning = (session: SessionDoc): void => {
  if (session.status !== 'running') throw new NotRunning(session);
};

/** The refusal for a session that its provider has ended: it is looked at now, so that record and refusal say why. */
export const endedUnseen = async (deps: Deps, { id }: SessionDoc): Promise<Problem> => {
  await lookAtSession(deps, id).catch((error: unknown) => {
    deps.log.warn({ session_id: id, err: error }, 'a session that is gone could not be looked at');
  });
  const now = (await deps.store.get(sessions, id))?.data;
  if (now && now.status !== 'running') return new NotRunning(now);
  return new Problem(
    'session_not_running',
    `Session ${id} has ended. GET /v1/sessions/${id} will say why in \`status_message\`. Create a new one to continue.`,
  );
};
