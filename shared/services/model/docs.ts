import type { z } from 'zod';
import type { STATUS_REASONS, Session } from '#contract/entities/session.ts';
import type { BUDGET_ACTIONS, UserType } from '#contract/entities/user.ts';
import type { NoticeKind } from '#contract/entities/event.ts';
import type { WebhookDelivery } from '#contract/entities/webhook.ts';
import type { Role, WORKSPACE_STATUSES } from '#contract/entities/workspace.ts';
import type { Scope } from '#contract/scopes.ts';
import type { ComputeSpec, Plan, VolumeAccess } from '#ports/compute.ts';
import type { ExecStatus, WhenFull } from '#ports/exec.ts';

/** Documents as they are in the store. Fields of the API come first, with the same names; the other fields follow. */

export interface UserDoc {
  readonly user_id: string;
  readonly user_type: UserType;
  /** null: what the user type gives. */
  readonly max_concurrent_sessions: number | null;
  readonly monthly_budget_nano: number | null;
  readonly budget_action: (typeof BUDGET_ACTIONS)[number];
  readonly created_at: string;
  /** Set once its deletion has begun; absent where it has not. Then no key is made for it, and nothing new of its own. */
  readonly deleting?: true;
}

/** What an owner uses now, in one document: every verdict about limits reads and writes it in its own transaction. */
export interface AccountDoc {
  readonly owner: string;
  readonly live_sessions: number;
  /** Where its live sessions are; a namespace without one is not in it. */
  readonly live_namespaces: readonly LiveNamespace[];
  /** Named workspaces that count against the limit (the default one does not). */
  readonly workspaces: number;
  /** What may be spent in a month before the meter ends live sessions; null: none; unknown until the user is read. */
  readonly terminate_nano: number | null | 'unknown';
  /** Its owner’s budget, of which notices tell; unknown until the user is read. */
  readonly budget: { readonly limit_nano: number | null; readonly action: (typeof BUDGET_ACTIONS)[number] } | 'unknown';
  /**
   * How far its live sessions and storage, by id, have been made to follow a new budget; absent where all of them do
   * (billing/follow-budget.ts).
   */
  readonly budget_walk?: { readonly of: 'sessions' | 'storage'; readonly after: string };
  /** By UTC month, in nano-USD. */
  readonly months: Readonly<Record<string, MonthDoc>>;
}

/** One user's live sessions in one namespace. */
export interface LiveNamespace {
  readonly user: string;
  readonly namespace: string;
  readonly sessions: number;
}

interface MonthDoc {
  readonly spent: number;
  readonly reserved: number;
  /** Of `reserved`, what storage holds to the month's end. */
  readonly storage_reserved: number;
  /** The most that may have been charged beyond `spent`, of missing prices; absent: nothing. */
  readonly unpriced?: number;
  /** The highest share of the budget, in percent, that a notice told its owner of; absent: none. */
  readonly noticed?: number;
}

export interface WorkspaceDoc {
  readonly owner: string;
  readonly workspace_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly resource_package: string;
  readonly status: (typeof WORKSPACE_STATUSES)[number];
  /** Made by the system at first use; not counted against the limit. */
  readonly is_default: boolean;
  readonly live_sessions: number;
  readonly volumes: number;
  readonly buckets: number;
  readonly storage_gb: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly retained_until: string | null;
  /** Remove the data as soon as the last session is gone. */
  readonly purge_now: boolean;
  readonly generation: number;
}

export interface MemberDoc {
  readonly owner: string;
  readonly workspace_id: string;
  readonly workspace_key: string;
  readonly member_id: string;
  readonly role: Exclude<Role, 'owner'>;
  readonly added_at: string;
}

export interface StorageDoc {
  readonly id: string;
  readonly kind: 'volume' | 'bucket';
  readonly owner: string;
  readonly workspace_id: string;
  readonly workspace_key: string;
  readonly name: string;
  /** The kind of storage that holds it (`local`, `pvc`, `gcs`), fixed when it is made. */
  readonly provider: string;
  /** Whether several sessions at once can mount it. */
  readonly access: VolumeAccess;
  /** The live sessions that mount it; null on a document of an earlier release until the next session mounts it. */
  readonly held_by: readonly string[] | null;
  /** The driver's key: a folder, a claim or a bucket name. */
  readonly key: string;
  readonly size_gb: number;
  readonly created_at: string;
  /** For earlier releases, which read it: its workspace says until when it is kept. */
  readonly retained_until: string | null;
  /** Set while it is being removed; no session may mount it then. */
  readonly removing: boolean;
  readonly over_limit: boolean;
  readonly metered_until: string;
  /** Up to where the ledger has it, and what is billed and not yet in the ledger. */
  readonly ledgered_until: string;
  readonly open_nano: number;
  readonly segments: number;
  /** When the meter looks at it next. */
  readonly meter_due: string | null;
  /** What of the current month is reserved for it, nano-USD by month. */
  readonly reservation: Readonly<Record<string, number>>;
}

export type SessionWire = z.infer<typeof Session>;

export interface SessionDoc extends SessionWire {
  readonly workspace_key: string;
  /** The driver that has its resources, and their deterministic name there. */
  readonly driver: string;
  readonly key: string;
  /** The provider's own name for them, once it is known. */
  readonly ref: string | null;
  /** Raised by every change of what is desired; a worker's write holds only for the generation it read. */
  readonly generation: number;
  readonly spec: Omit<ComputeSpec, 'deadline'>;
  /**
   * Which start of it its agent must belong to; 1 where it is not said. Raised by who starts it anew, never by a change
   * of what is desired: an agent that is cut off while its session is extended must find its way back.
   */
  readonly agent_generation?: number;
  /** What its provider accepted, and makes. */
  readonly plan: Plan;
  /** What is billed: the plan with what was really given, or the shadow provider's. */
  readonly bill: Plan;
  readonly env_sealed: string | null;
  /** Set once something wants it gone. */
  readonly end: SessionEnd | null;
  /** The request ids of every volume and bucket that it mounts, as store ids. */
  readonly mounts: readonly string[];
  /** A session not yet running by then fails. */
  readonly start_by: string;
  /** The deadline that its keeper or agent is known to hold. */
  readonly deadline_held: string | null;
  /** true until the resources are gone; null after. */
  readonly live: true | null;
  /** true while an old client's list shows it: until 24 h after its end. */
  readonly recent: true | null;
  /** What lists find it by: hashes of its namespace and labels (model/terms.ts). */
  readonly terms: readonly string[];
  /** When TTL ends it; null once something wants it gone. The sweep reads this alone. */
  readonly live_until: string | null;
  /** When the meter looks at it next; null once its ledger is final. */
  readonly meter_due: string | null;
  /** How often, milliseconds. */
  readonly metered_every_ms: number;
  /** When its record is removed. */
  readonly purge_at: string | null;
  /** Up to where it is billed, by the provider's record. */
  readonly metered_until: string | null;
  /** Up to where the ledger has it: a full hour, or its end; null before it runs. */
  readonly ledgered_until: string | null;
  /** Billed, and not yet in the ledger. */
  readonly open_nano: number;
  readonly segments: number;
  readonly billed_nano: number;
  /** What is reserved of the owner's budget, nano-USD by month. */
  readonly reservation: Readonly<Record<string, number>>;
  /** The most that may have been charged beyond what is billed, of missing prices, by month; absent: nothing. */
  readonly unpriced?: Readonly<Record<string, number>>;
}

interface SessionEnd {
  readonly reason: (typeof STATUS_REASONS)[number];
  readonly message: string;
  readonly status: 'terminated' | 'failed';
  readonly force: boolean;
  readonly requested_at: string;
}

const INTENT_KINDS = ['provision', 'terminate', 'deadline'] as const;

/** Work that is not known to be done. Deleted in the transaction that records it as done. */
export interface IntentDoc {
  readonly id: string;
  readonly kind: (typeof INTENT_KINDS)[number];
  readonly session_id: string;
  readonly generation: number;
  readonly attempt: number;
  readonly created_at: string;
  /** When the sweep retries it if it is not finished. */
  readonly next_at: string;
  readonly last_error: string | null;
  /** When the log last told that it has been tried often; absent: never. */
  readonly reported_at?: string;
}

export interface ExecDoc {
  readonly exec_id: string;
  readonly session_id: string;
  readonly command: string | null;
  /** The shell of the line; absent: sh. */
  readonly shell?: 'bash';
  readonly argv: readonly string[] | null;
  readonly cwd: string | null;
  readonly env_sealed: string | null;
  readonly timeout_ms: number | null;
  readonly tty: { readonly cols: number; readonly rows: number } | null;
  readonly merge: boolean;
  readonly stdin: boolean;
  readonly log_limit_mb: number;
  readonly when_full: WhenFull;
  readonly status: ExecStatus;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly signal_number: number | null;
  readonly next_offset: number;
  /** The first byte of its output that was dropped before a holding reader had it. */
  readonly missing_from: number | null;
  readonly stdin_offset: number;
  /** When it was recorded. It never changes, because lists are ordered by it. */
  readonly started_at: string;
  /** When it really started, by its keeper or agent; null: not known yet. */
  readonly ran_at: string | null;
  readonly ended_at: string | null;
}

export interface KeyDoc {
  readonly key_id: string;
  readonly name: string;
  readonly user_id: string | null;
  readonly scopes: readonly Scope[];
  readonly workspace_id: string | null;
  readonly workspace_owner: string | null;
  readonly session_id: string | null;
  /** SHA-256 of the secret, hexadecimal. */
  readonly secret_sha256: string;
  readonly created_at: string;
  readonly created_by: string | null;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
}

/** Where notices of a user are sent. */
export interface WebhookDoc {
  readonly webhook_id: string;
  readonly user_id: string;
  readonly url: string;
  /** null: all kinds, those of later releases as well. */
  readonly events: readonly NoticeKind[] | null;
  readonly description: string | null;
  readonly created_at: string;
  readonly created_by: string | null;
  readonly secret_sealed: string;
  /** Secrets that were replaced and still sign, so that a receiver can change to the new one without a gap. */
  readonly earlier_secrets: readonly { readonly sealed: string; readonly until: string }[];
  readonly last_delivery: z.infer<typeof WebhookDelivery> | null;
  readonly failing_since: string | null;
  readonly paused_at: string | null;
}

export interface TicketDoc {
  readonly session_id: string;
  readonly actor: {
    readonly key_id: string;
    readonly user_id: string | null;
    readonly scopes: readonly Scope[];
    readonly workspace: { readonly owner: string; readonly workspace_id: string } | null;
    readonly session_id: string | null;
  };
  readonly purge_at: string;
}

/** Append-only. `nano_usd` of a correction is negative or zero. */
export interface LedgerDoc {
  readonly id: string;
  readonly kind: 'compute' | 'storage' | 'correction';
  readonly owner: string;
  readonly user: string;
  readonly workspace_id: string;
  readonly session_id: string | null;
  readonly storage_id: string | null;
  /** What the volume or bucket is called; null of a session. */
  readonly storage: Pick<StorageDoc, 'kind' | 'name'> | null;
  readonly provider: string;
  readonly n: number;
  readonly from: string;
  readonly to: string;
  readonly milliseconds: number;
  readonly nano_usd: number;
  readonly price_table: string;
  readonly price_list: string;
  readonly missing_prices: readonly string[];
  readonly at: string;
}

/** Sums of an owner's ledger in one UTC month, so that a report need not read it. */
export interface RollupDoc {
  readonly owner: string;
  readonly month: string;
  /** 0 for the first document of the month; more where it has many rows. */
  readonly part: number;
  readonly rows: readonly RollupRow[];
}

export interface RollupRow extends Pick<LedgerDoc, 'user' | 'workspace_id' | 'provider' | 'kind' | 'missing_prices'> {
  readonly day: string;
  readonly nano_usd: number;
  readonly milliseconds: number;
}

/** An instant to continue from: where a job stopped, or since when there are rollups. */
export interface PlaceDoc {
  readonly from: string;
  /** What was done last at that place, where a job stopped in the middle of it. */
  readonly after?: string;
}

/** Who runs the timed jobs now, and what they came to last. One document, so that its version is the lease. */
export interface LeaseDoc {
  /** The run that holds it; null: none. */
  readonly holder: string | null;
  /** When it is free again even if its holder died. */
  readonly until: string;
  /** The job to begin with: the first that the last run had no time for. */
  readonly next: string | null;
  /** When a run last came to its end; null: none has. */
  readonly ended_at: string | null;
  /** What each job last said of itself. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface AuditDoc {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly actor: {
    readonly kind: 'key' | 'system' | 'agent';
    readonly key_id: string | null;
    readonly user_id: string | null;
    readonly job: string | null;
  };
  readonly actor_user: string | null;
  readonly workspace_owner: string | null;
  readonly workspace_id: string | null;
  readonly session_id: string | null;
  readonly target: string | null;
  readonly request_id: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Points at the thing that a POST made; never at a copied answer. */
export interface IdempotencyDoc {
  readonly fingerprint: string;
  readonly kind: 'session' | 'exec' | 'key' | 'workspace' | 'webhook';
  readonly target: string;
  readonly purge_at: string;
}
