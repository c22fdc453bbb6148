import { iso } from '#ports/clock.ts';
import { audit } from '../model/collections.ts';
import type { AuditDoc } from '../model/docs.ts';
import type { Actor, Call } from './call.ts';
import type { Deps } from './deps.ts';
import type { Draft } from './draft.ts';

export interface AuditSubject {
  readonly action?: string;
  readonly workspace_owner?: string | null;
  readonly workspace_id?: string | null;
  readonly session_id?: string | null;
  readonly target?: string | null;
  /** Facts for the reader. Never a token, a key or an env value. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** An id of its own, where the same entry may be written twice; otherwise a new one. */
  readonly id?: string;
  /** Whose entry it is, if it is not the caller’s: that user finds it among the own entries. */
  readonly user?: string;
}

const actorOf = (actor: Actor): AuditDoc['actor'] => {
  switch (actor.kind) {
    case 'key':
      return { kind: 'key', key_id: actor.key_id, user_id: actor.user_id, job: null };
    case 'system':
      return { kind: 'system', key_id: null, user_id: null, job: actor.job };
    case 'agent':
      return { kind: 'agent', key_id: null, user_id: null, job: null };
  }
};

/** The audit entry of what a call does to a subject. */
export const entryOf = (deps: Pick<Deps, 'clock' | 'ids'>, call: Call, subject: AuditSubject): AuditDoc => {
  const { actor } = call;
  return {
    id: subject.id ?? deps.ids.next('evt'),
    at: iso(deps.clock.now()),
    action: subject.action ?? call.operation,
    actor: actorOf(actor),
    actor_user: subject.user ?? (actor.kind === 'key' ? actor.user_id : null),
    workspace_owner: subject.workspace_owner ?? null,
    workspace_id: subject.workspace_id ?? null,
    session_id: actor.kind === 'agent' ? actor.session_id : (subject.session_id ?? null),
    target: subject.target ?? null,
    request_id: call.request_id,
    detail: { ...subject.detail, ...(actor.kind === 'agent' ? { agent_generation: actor.generation } : {}) },
  };
};

/** Writes the audit entry of a change, in the transaction that makes the change. */
export const writeAudit = (
  deps: Pick<Deps, 'clock' | 'ids'>,
  draft: Draft,
  call: Call,
  subject: AuditSubject,
): void => {
  const entry = entryOf(deps, call, subject);
  draft.create(audit, entry.id, entry);
};
