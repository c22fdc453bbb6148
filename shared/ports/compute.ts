import type { Deadline, ExecChannel } from './exec.ts';

/**
 * A provider of compute. Every call may be repeated; every resource carries a deterministic name and owner labels.
 * A provider that cannot be reached throws ComputeUnavailable, one that does not answer in time ComputeTimeout (both:
 * try again); one that refuses throws ComputeRefused.
 */
export interface Compute {
  readonly driver: string;
  readonly capabilities: ComputeCapabilities;
  /** Pure: what this provider will really give and bill, or why it refuses. No I/O, no clock. */
  plan(spec: ComputeSpec): Plan | Refusal;
  /**
   * Creates exactly what the accepted `plan` says, under the deterministic name `target.key`; existing is success.
   * Level-triggered: returns what is observed now, `starting` included.
   */
  ensure(target: Target, spec: ComputeSpec, plan: Plan): Promise<Observation>;
  observe(target: Target): Promise<Observation>;
  /** A connection to the session's keeper or agent. @throws ComputeUnavailable, ComputeTimeout, SessionGone */
  exec(target: Target): Promise<ExecChannel>;
  /**
   * Ends the session's resources; gone is success. Returns the last observation, `gone` only when seen gone.
   * `grace_ms` is the time between TERM and KILL.
   */
  remove(target: Target, options: { readonly grace_ms: number }): Promise<Observation>;
  /**
   * Releases the provider's record of a session that has ended; called once its ledger is final. A session that still
   * runs is left alone; nothing to forget is success.
   */
  forget(target: Target): Promise<void>;
  /**
   * All resources of this deployment that the provider knows: those that run, and those that have ended and are not
   * forgotten.
   */
  list(): Promise<readonly Owned[]>;
}

export interface ComputeCapabilities {
  readonly images: boolean;
  readonly gpu: boolean;
  /** The kind of volume that its sessions mount: the `provider` of a storage driver. */
  readonly volume_kind: string;
  /** The kind of bucket that its sessions mount. */
  readonly bucket_kind: string;
  /** Whether several sessions at once can mount one volume. */
  readonly volume_access: VolumeAccess;
  /** The record of start and end outlives `remove`, until `forget`. Where false, what was removed is absent at once. */
  readonly remembers_ended: boolean;
  /** Whether the provider announces that it takes a machine back; then the driver calls a `ReclaimHook`. */
  readonly announces_reclaim: boolean;
  /** Isolation of its sessions (`full`, `user`, `none`, `gvisor`, …); null if it does not say. */
  readonly isolation: string | null;
}

export type VolumeAccess = 'many' | 'one_node';

/** The providers of a deployment: names that callers use, and the drivers that serve them. */
export interface ComputeRegistry {
  readonly all: readonly Compute[];
  /** The drivers that serve a provider's name, the preferred one first; none where it is off. */
  serving(provider: string): readonly Compute[];
  /** @throws Error for a driver that this deployment does not have */
  byDriver(driver: string): Compute;
  /** Why a provider is off, in a sentence; null where it is on. */
  whyOff(provider: string): string | null;
}

/** What a call to a provider names a session by. */
export interface Target {
  /** The deterministic name, the same for every attempt. */
  readonly key: string;
  readonly owner: string;
  readonly workspace_id: string;
  /** The provider's own name for it, as soon as an observation has said one. */
  readonly ref: string | null;
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
  /** The requested lifetime, in minutes. */
  readonly life_minutes: number;
  /** The session's hard end, as the keeper or agent enforces it by itself. */
  readonly deadline: Deadline;
  readonly disk_mb: number;
  /** The workspace's volume, mounted at /workspace. */
  readonly volume: Mount | null;
  /** Mounted at /buckets/<name>. */
  readonly buckets: readonly (Mount & { readonly name: string })[];
  readonly network: 'default' | 'none';
}

/** A piece of storage that a session mounts; `provider` and `key` are its storage driver's. */
export interface Mount {
  readonly provider: string;
  readonly key: string;
  readonly size_mb: number;
}

export interface Plan {
  readonly ok: true;
  /** The shape that is billed: `local`, `gke`, `gke_gpu`, `cloud_run`, `workstations`. */
  readonly shape: string;
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly gpu: { readonly type: string; readonly count: number } | null;
  /** The session's own disk, MiB, as the provider sizes and bills it; where it does neither, as asked. */
  readonly disk_mb: number;
  /** Whole machine that is billed where the shape bills by node. */
  readonly machine_type: string | null;
  readonly min_billed_seconds: number;
  /** The longest life that the provider gives such a session, minutes; null: no limit of its own. */
  readonly max_life_minutes: number | null;
  /** How long such a session may take to run, milliseconds; null: as long as the deployment allows. */
  readonly start_timeout_ms: number | null;
  /** Sentences that say what was rounded, left out or changed. */
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
  /** The provider's own name for it, as soon as one is known, `starting` included. Absent: not known. */
  readonly ref?: string;
  /** The names by which users find it at the provider. */
  readonly names?: Partial<Readonly<Record<ResourceName, string>>>;
  /** What was really given, if it differs from the plan. It is what is billed. */
  readonly given?: Given;
  /** While `starting`: when to look again, milliseconds from now. Absent: soon. */
  readonly look_again_ms?: number;
  /** Facts that only the running resource knows; merged into the session's `details`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Fields of a session's answer that name its resources. */
type ResourceName = 'k8s_namespace' | 'pod_name' | 'service_name' | 'job_name';

export interface Given {
  readonly machine_type?: string;
  readonly cpu_millis?: number;
  readonly memory_mb?: number;
  /** The provider may reclaim it at short notice, and bills less for it. */
  readonly spot?: boolean;
}

export interface Owned {
  readonly target: Target;
  readonly session_id: string;
  readonly created_at: number | null;
  /** Whether it has ended and no longer costs anything. Otherwise it runs, starts or is ending. */
  readonly ended: boolean;
}

/** What a provider says before it takes the machine of a session back. */
export interface Reclaim {
  readonly session_id: string;
  /** When the machine goes, epoch milliseconds; null if the provider does not say. */
  readonly at: number | null;
}

/**
 * Given to a driver whose provider announces that it takes a machine back. The driver calls it as soon as it learns of
 * it, and may call it again: a session has one such notice. It resolves when the notice is sure to come.
 */
export type ReclaimHook = (reclaim: Reclaim) => Promise<void>;

/** The provider cannot be reached or is overloaded: the same call may be tried again. */
export class ComputeUnavailable extends Error {
  override readonly name: string = 'ComputeUnavailable';
}

/** The provider did not answer in time; whether the call took effect is not known. */
export class ComputeTimeout extends ComputeUnavailable {
  override readonly name = 'ComputeTimeout';
}

/** The provider refuses and will refuse again until something changes. */
export class ComputeRefused extends Error {
  override readonly name = 'ComputeRefused';
}

/** The session's resources are not (or no longer) there. */
export class SessionGone extends Error {
  override readonly name = 'SessionGone';
}
