/** The answers of the API, described independently of the product. Only the fields that these tests read. */

export interface Session {
  readonly id: string;
  readonly provider: string;
  readonly namespace: string;
  readonly user: string;
  readonly workspace_id: string;
  readonly workspace_owner: string;
  readonly status: string;
  readonly status_reason: string | null;
  readonly status_message: string | null;
  readonly url: string | null;
  readonly websocket: string | null;
  readonly details: {
    readonly driver: string;
    readonly isolation?: string;
    readonly warnings: readonly string[];
    readonly workspace_path?: string;
    readonly [more: string]: unknown;
  };
  readonly resource_package: string | null;
  readonly resource_spec: Readonly<Record<string, string>>;
  readonly image_spec: Readonly<Record<string, string | null>>;
  readonly gpu_spec: { readonly gpu_type: string; readonly gpu_count: number } | null;
  readonly storage_status: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly env_names: readonly string[];
  readonly created_at: string;
  readonly expires_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

export interface Executed {
  readonly stdout: string;
  readonly stderr: string;
  readonly returncode: number;
  readonly success: boolean;
  readonly exec_id: string;
  readonly timed_out: boolean;
  readonly truncated: boolean;
  readonly stdout_base64?: string;
  readonly stderr_base64?: string;
}

export interface Job extends Partial<Executed> {
  readonly job_id: string;
  readonly status: string;
}

export interface Exec {
  readonly exec_id: string;
  readonly session_id: string;
  readonly command: string | null;
  readonly argv: readonly string[] | null;
  readonly status: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly next_offset: number;
  readonly stdin_offset: number;
  readonly started_at: string;
  readonly ended_at: string | null;
}

export interface Key {
  readonly key_id: string;
  readonly name: string;
  readonly user_id: string | null;
  readonly scopes: readonly string[];
  readonly workspace_id: string | null;
  readonly session_id: string | null;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
  readonly secret?: string;
  readonly message?: string;
}

export interface Workspace {
  readonly user_id: string;
  readonly workspace_id: string;
  readonly resource_package: string;
  readonly status: string;
  readonly role: string;
  readonly live_sessions: number;
  readonly retained_until: string | null;
}

export interface Storage {
  readonly name: string;
  readonly kind: string;
  readonly size_gb: number;
  readonly used_gb: number | null;
  readonly mounted_by: readonly string[];
  readonly cost_per_hour: number | null;
  readonly retained_until: string | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export interface Cost {
  readonly session_id: string;
  readonly status: string;
  readonly cost_so_far: number | null;
  readonly billed: number;
  readonly cost_per_hour: number | null;
  readonly billed_seconds: number;
  readonly estimated_total_cost: number | null;
  readonly missing_prices: readonly string[];
}

export interface Costs {
  readonly total: number;
  readonly groups: readonly { readonly key: string; readonly cost: number; readonly seconds: number }[];
  readonly truncated: boolean;
}

interface Limit {
  readonly limit: number;
  readonly used: number;
}

export interface Entitlements {
  readonly user_type: string;
  readonly workspaces: Limit;
  readonly concurrent_sessions: Limit;
  readonly per_workspace: Readonly<Record<string, number>>;
  readonly storage: readonly {
    readonly workspace_id: string;
    readonly buckets: Limit;
    readonly volumes: Limit;
    readonly storage_gb: Limit;
  }[];
  readonly allowed_packages: readonly string[];
  readonly allowed_gpus: readonly string[];
  readonly sharing: boolean;
  readonly cross_namespace: boolean;
  readonly budget: { readonly spent_usd: number; readonly reserved_usd: number } | null;
}

export interface Event {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly actor: { readonly kind: string; readonly key_id: string | null; readonly user_id: string | null };
  readonly session_id: string | null;
  readonly target: string | null;
}
