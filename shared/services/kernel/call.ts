import type { OperationName } from '#contract/operations.ts';
import type { Scope } from '#contract/scopes.ts';

/** Who makes a call. access.ts decides what an actor may do, and refuses agents; no other file checks `kind`. */
export type Actor = KeyActor | SystemActor | AgentActor;

export interface KeyActor {
  readonly kind: 'key';
  readonly key_id: string;
  /** The user that the key acts for; null: any user. */
  readonly user_id: string | null;
  readonly scopes: readonly Scope[];
  /** The one workspace that the key is bound to. */
  readonly workspace: { readonly owner: string; readonly workspace_id: string } | null;
  /** The one session that the key is bound to. */
  readonly session_id: string | null;
}

interface SystemActor {
  readonly kind: 'system';
  readonly job: string;
}

/** The agent of a session, which has dialled in. It may use only the channel of its own session. */
export interface AgentActor {
  readonly kind: 'agent';
  readonly session_id: string;
  /** The start of the session that it belongs to (`agentGeneration`). */
  readonly generation: number;
}

/** One call of one operation. */
export interface Call {
  readonly actor: Actor;
  readonly operation: OperationName | 'system';
  readonly request_id: string;
  /** The caller's Idempotency-Key with what it is scoped to, or null. */
  readonly idempotency: IdempotencyKey | null;
}

export interface IdempotencyKey {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** The user that the call acts for, where its body or query names one. */
  readonly acting?: string;
  /** SHA-256 of the canonical body: another body under the same key is refused. */
  readonly fingerprint: string;
}

export const systemCall = (job: string): Call => ({
  actor: { kind: 'system', job },
  operation: 'system',
  request_id: `job-${job}`,
  idempotency: null,
});
