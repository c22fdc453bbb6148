import type { OperationName } from '#contract/operations.ts';
import type { Scope } from '#contract/scopes.ts';

/** Who makes a call. What an actor may do is asked of access.ts, which refuses agents; nothing else looks at `kind`. */
export type Actor = KeyActor | SystemActor | AgentActor;

export interface KeyActor {
  readonly kind: 'key';
  readonly key_id: string;
  /** Whom the key acts for; null: an admin key, which may act for anyone. */
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

/** What runs inside a session and has dialled in: it may use the channel of its own session and nothing else. */
export interface AgentActor {
  readonly kind: 'agent';
  readonly session_id: string;
  /** Which start of the session it belongs to (`agentGeneration`). */
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
  /** SHA-256 of the canonical body: another body under the same key is refused. */
  readonly fingerprint: string;
}

export const systemCall = (job: string): Call => ({
  actor: { kind: 'system', job },
  operation: 'system',
  request_id: `job-${job}`,
  idempotency: null,
});
