import { endStatus, isTerminal, type StatusReason, statusMessage } from '#domain/lifecycle.ts';
import { iso } from '#ports/clock.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { sessions } from '../model/collections.ts';
import type { IntentDoc, SessionDoc } from '../model/docs.ts';
import { dropIntent, openIntent } from './intents.ts';

export interface Ending {
  readonly reason: StatusReason;
  /** The words of the provider or caller, if there are any. */
  readonly said?: string | null;
  readonly force?: boolean;
}

export interface Begun {
  readonly session: SessionDoc;
  /** Enqueue it after the commit; null if the session was already ending. */
  readonly intent: IntentDoc | null;
}

/**
 * Begins a session's end in the caller's transaction: `terminating`, a new generation, the intent that removes its
 * resources. Keeps the first reason; a later forced call only removes the grace period.
 */
export const beginEnd = (deps: Deps, draft: Draft, call: Call, session: SessionDoc, ending: Ending): Begun => {
  if (isTerminal(session.status)) return { session, intent: null };
  const force = ending.force ?? false;
  if (session.end !== null && (!force || session.end.force)) return { session, intent: null };

  const message = statusMessage(ending.reason, ending.said);
  const end = session.end
    ? { ...session.end, force: true }
    : { reason: ending.reason, message, status: endStatus(ending.reason), force, requested_at: iso(deps.clock.now()) };
  dropIntent(draft, session.id, session.generation);
  const next: SessionDoc = {
    ...session,
    status: 'terminating',
    status_reason: end.reason,
    status_message: end.message,
    generation: session.generation + 1,
    end,
    live_until: null,
  };
  draft.put(sessions, session.id, next);
  const intent = openIntent(deps, draft, next, 'terminate');
  writeAudit(deps, draft, call, {
    action: call.operation === 'system' ? 'session.terminating' : call.operation,
    workspace_owner: session.workspace_owner,
    workspace_id: session.workspace_id,
    session_id: session.id,
    detail: { reason: end.reason, force, from: session.status },
  });
  return { session: next, intent };
};
