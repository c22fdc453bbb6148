import { iso } from '#ports/clock.ts';
import { audit } from '../model/collections.ts';
import type { AuditDoc } from '../model/docs.ts';
import type { Call } from './call.ts';
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
}

/** Writes who did what in the transaction that does it. */
export const writeAudit = (deps: Deps, draft: Draft, call: Call, subject: AuditSubject): void => {
  const { actor } = call;
  const entry: AuditDoc = {
    id: deps.ids.next('evt'),
    at: iso(deps.clock.now()),
    action: subject.action ?? call.operation,
    actor:
      actor.kind === 'key'
        ? { kind: 'key', key_id: actor.key_id, user_id: actor.user_id, job: null }
        : { kind: 'system', key_id: null, user_id: null, job: actor.job },
    actor_user: actor.kind === 'key' ? actor.user_id : null,
    workspace_owner: subject.workspace_owner ?? null,
    workspace_id: subject.workspace_id ?? null,
    session_id: subject.session_id ?? null,
    target: subject.target ?? null,
    request_id: call.request_id,
    detail: subject.detail ?? {},
  };
  draft.create(audit, entry.id, entry);
};
