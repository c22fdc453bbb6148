import type { Deadline, ExecChannel } from './exec.ts';

/**
 * A provider of compute. Every call may be repeated; every resource carries a deterministic name and owner labels.
 * A provider that is unreachable throws ComputeUnavailable (try again); one that refuses throws ComputeRefused.
 */
export interface Compute {
  readonly driver: string;
  readonly capabilities: ComputeCapabilities;
  /** Pure: what this provider will really give and bill, or why it can't. No I/O. */
  plan(spec: ComputeSpec): Plan | Refusal;
  /**
   * Creates the session's resources under the deterministic name `key`; existing is success. Level-triggered:
   * returns what is observed now, `starting` included.
   */
  ensure(key: string, spec: ComputeSpec): Promise<Observation>;
  observe(key: string): Promise<Observation>;
  /** A connection to the session's keeper or agent. @throws ComputeUnavailable, SessionGone */
  exec(key: string): Promise<ExecChannel>;
  /** Measured now, never invented: null where the provider can't measure. */
  usage(key: string): Promise<Usage>;
  /**
   * Ends the session's resources; gone is success. Returns the last observation, `gone` only when seen gone.
   * `grace_ms` is the time between TERM and KILL.
   */
  remove(key: string, options: { readonly grace_ms: number }): Promise<Observation>;
  /** Everything of ours that exists, for orphans. */
  list(): Promise<readonly Owned[]>;
}

interface ComputeCapabilities {
  readonly images: boolean;
  readonly gpu: boolean;
  /** The longest life in minutes that the provider can give, or null for no limit of its own. */
  readonly max_life_minutes: number | null;
  /** The kind of volume that its sessions mount. */
  readonly storage_kind: string;
  /** How its sessions are kept apart, in a word (`full`, `user`, `none`, `gvisor`, …); null where it does not say. */
  readonly isolation: string | null;
}

/** The providers of a deployment: names that callers use, and the drivers that serve them. */
export interface Computes {
  readonly all: readonly Compute[];
  /** The drivers that serve a provider's name, the preferred one first; none where it is off. */
  serving(provider: string): readonly Compute[];
  /** @throws Error for a driver that this deployment does not have */
  byDriver(driver: string): Compute;
  /** Why a provider is off, in a sentence; null where it is on. */
  whyOff(provider: string): string | null;
}

/** What a session asks of a provider, already decided by the services (packages, priorities, entitlements). */
export interface ComputeSpec {
  readonly session_id: string;
  readonly owner: string;
  readonly workspace_id: string;
  /** The provider's name as the user asked for it (`auto`, `gke`, `cloud_run`, `workstations`). */
  readonly provider: string;
  readonly cpu_request_millis: number;
  readonly cpu_limit_millis: number;
  readonly memory_request_mb: number;
  readonly memory_limit_mb: number;
  readonly gpu: { readonly type: string; readonly count: number } | null;
  readonly image: { readonly type: string; readonly url: string | null; readonly tag: string | null };
  /** The session's hard end, as the keeper or agent enforces it by itself. */
  readonly deadline: Deadline;
  readonly disk_mb: number;
  /** The workspace's volume, mounted at /workspace. */
  readonly volume: { readonly key: string; readonly size_mb: number } | null;
  /** Mounted at /buckets/<name>. */
  readonly buckets: readonly { readonly key: string; readonly name: string; readonly size_mb: number }[];
  readonly network: 'default' | 'none';
}

export interface Plan {
  readonly ok: true;
  /** The shape that is billed: `local`, `gke`, `gke_gpu`, `cloud_run`, `workstations`. */
  readonly shape: string;
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly gpu: { readonly type: string; readonly count: number } | null;
  /** Whole machine that is billed where the shape bills by node. */
  readonly machine_type: string | null;
  readonly min_billed_seconds: number;
  /** What was rounded, left out or changed, as sentences. */
  readonly warnings: readonly string[];
  /** Goes into the session's `details`: isolation, limits, image, network, driver, workspace_path, … */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Refusal {
  readonly ok: false;
  /** Names the field that can't be honoured. */
  readonly field: string;
  readonly message: string;
}

export interface Observation {
  readonly state: 'absent' | 'starting' | 'running' | 'ended';
  /** The provider's own record, epoch milliseconds; null before it is known. */
  readonly started_at: number | null;
  readonly ended_at: number | null;
  /** The instant at which the provider was seen in this state (its record of now). */
  readonly seen_at: number;
  /** Why it ended or can't start: a status_reason of the contract, with a sentence that says what to do. */
  readonly reason: string | null;
  readonly message: string | null;
  /** Facts that only the running resource knows; merged into the session's `details`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Usage {
  readonly cpu_percent: number | null;
  readonly memory_mb: number | null;
  readonly memory_limit_mb: number | null;
  readonly disk_mb: number | null;
  readonly processes: number | null;
}

export interface Owned {
  readonly key: string;
  readonly session_id: string;
  readonly created_at: number | null;
}

/** The provider did not answer or is overloaded: the same call may be tried again. */
export class ComputeUnavailable extends Error {
  override readonly name = 'ComputeUnavailable';
}

/** The provider refuses and will refuse again until something changes. */
export class ComputeRefused extends Error {
  override readonly name = 'ComputeRefused';
}

/** The session's resources are not (or no longer) there. */
export class SessionGone extends Error {
  override readonly name = 'SessionGone';
}
