import type { Readable, Writable } from 'node:stream';

/** How strongly a session is held: `full` (root), `user` (user namespaces), `none` (plain processes). */
export type IsolationLevel = 'full' | 'user' | 'none';

/** Whether a limit is enforced by the kernel, measured every second (then the session is ended), or absent. */
type LimitStrength = 'hard' | 'watched' | 'none';

export interface SandboxLimits {
  readonly cpu: LimitStrength;
  readonly memory: LimitStrength;
  readonly pids: LimitStrength;
  readonly disk: LimitStrength;
}

/** What this machine allows, found out once at start. */
export interface HostCapabilities {
  readonly level: IsolationLevel;
  /** One sentence for each stronger level that was tried and why it failed. */
  readonly refused: readonly { readonly level: IsolationLevel; readonly why: string }[];
  readonly limits: SandboxLimits;
  /** `own` (own namespace with egress), `none` on request, `host`. */
  readonly network: 'own' | 'host' | 'none';
  /** Whether sessions with a network of their own reach private networks, in words. */
  readonly network_policy: string;
  /** What every session lacks on this machine, and what to do about it, a sentence each. */
  readonly warnings: readonly string[];
  readonly cpu_millis: number;
  readonly memory_mb: number;
}

export interface SandboxSpec {
  /** Deterministic name; also the folder, cgroup and host name stem. `[a-z0-9-]{1,63}`. */
  readonly key: string;
  readonly session_id: string;
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly pids: number;
  readonly disk_mb: number;
  /** A host folder to bind at /workspace, or null for an ephemeral one inside the sandbox's own folder. */
  readonly workspace_dir: string | null;
  readonly buckets: readonly { readonly name: string; readonly dir: string }[];
  readonly network: 'default' | 'none';
  /** A venv of the session's own, first on PATH. */
  readonly python: boolean;
}

/** A sandbox for work of the keeper's own, without network and storage. */
export const bareSpec = (key: string): SandboxSpec => ({
  ...{ key, session_id: key, cpu_millis: 2000, memory_mb: 1024, pids: 256, disk_mb: 1024, workspace_dir: null },
  ...{ buckets: [], network: 'none', python: false },
});

export interface SpawnSpec {
  readonly argv: readonly string[];
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly tty: { readonly cols: number; readonly rows: number } | null;
  readonly merge: boolean;
  readonly stdin: boolean;
}

/** A command inside a sandbox, the leader of a process group of its own. */
export interface Spawned {
  /** null where stdin was not asked for. */
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  /** null with a tty or merged streams. */
  readonly stderr: Readable | null;
  /** KILL, TERM and PIPE to everything that it has started, others to its process group. False when that is gone. */
  signal(name: string): Promise<boolean>;
  /** KILL, TERM and PIPE to what it has left behind. To be kept after its end: it holds little memory. */
  readonly reach: (name: string) => Promise<boolean>;
  /** Whether a process of its group lives, itself or one that it started. */
  lingers(): boolean;
  /** Nothing more will be asked of it but a signal to what it has left behind. */
  release(): void;
  /** Only with a tty. */
  resize(cols: number, rows: number): void;
  /** Resolves when the command itself has ended (its streams may still be held open by children). */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface SandboxUsage {
  /** CPU time used since the start, milliseconds. */
  readonly cpu_ms: number | null;
  readonly memory_mb: number | null;
  readonly memory_limit_mb: number | null;
  readonly disk_mb: number | null;
  readonly processes: number | null;
}

export interface Sandbox {
  readonly key: string;
  readonly session_id: string;
  readonly started_at: number;
  /** Folder of this sandbox's own on the host that no sandbox sees; exec logs lie below it and count as its disk. */
  readonly log_dir: string;
  /** isolation, limits, network, workspace_path, image, warnings: what goes into the session's details. */
  readonly details: Readonly<Record<string, unknown>>;
  /** @throws Error when the command can't be started at all (the message is for the user). */
  spawn(spec: SpawnSpec): Promise<Spawned>;
  usage(): Promise<SandboxUsage>;
  /** Resolves when process 1 has ended by itself or by a limit, with the reason. */
  readonly ended: Promise<{ readonly reason: string; readonly message: string }>;
  /** Ends every process, then removes mounts, cgroups, namespaces and files. Safe to repeat. */
  destroy(grace_ms: number): Promise<void>;
}

export interface SandboxHost {
  readonly capabilities: HostCapabilities;
  create(spec: SandboxSpec): Promise<Sandbox>;
  /** Why no further sandbox can be made now, as a sentence; null where one can. */
  createRefusal(): string | null;
  /**
   * Removes what earlier keepers of this data folder left: processes, mounts, cgroups, folders. Also removes the empty
   * cgroups of ended keepers of other data folders.
   */
  sweep(): Promise<{ readonly removed: number }>;
  /** The same for another slot, whose keeper has ended. The caller holds its lock. */
  sweepSlot(slot: number): Promise<void>;
  /** Fills and keeps a pool of ready sandboxes of this size; 0 empties it. */
  pool(size: number): void;
  close(): Promise<void>;
}
