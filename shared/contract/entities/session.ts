import { z } from 'zod';
import {
  Env,
  Instant,
  Labels,
  Namespace,
  NullableInstant,
  queryFilter,
  StorageName,
  UserId,
  WorkspaceId,
} from './common.ts';

export const SESSION_STATUSES = ['creating', 'running', 'terminating', 'terminated', 'failed'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];
/** Why a session ends or has ended, as a closed list. */
export const STATUS_REASONS = [
  'expired',
  'user_requested',
  'force_deleted',
  'workspace_deleted',
  'user_deleted',
  'budget_exceeded',
  'session_ended',
  'provider_refused',
  'provider_failed',
  'image_failed',
  'start_timeout',
  'preempted',
  'provider_deadline',
  'keeper_lost',
  'agent_lost',
  'disk_limit',
  'memory_limit',
  'host_disk_full',
] as const;
export const PROVIDERS = ['auto', 'gke', 'cloud_run', 'workstations'] as const;
const RESOURCE_TIERS = ['small', 'medium', 'large', 'xlarge'] as const;
export const GPU_TYPES = ['none', 't4', 'v100', 'a100', 'h100', 'l4'] as const;
const CPU_SIZES = ['micro', 'small', 'medium', 'large', 'xlarge', 'xxlarge', 'custom'] as const;
const MEMORY_SIZES = ['micro', 'small', 'medium', 'large', 'xlarge', 'xxlarge', 'xxxlarge', 'custom'] as const;
export const IMAGE_TYPES = [
  'alpine',
  'ubuntu',
  'python',
  'nodejs',
  'go',
  'rust',
  'java',
  'custom',
  'alpine_basic',
  'python_basic',
  'ubuntu_pro',
  'python_pro',
  'nodejs_pro',
  'go_pro',
  'rust_pro',
  'python_enterprise',
  'jupyter_enterprise',
  'cuda_enterprise',
  'java_enterprise',
] as const;
export const PACKAGES = [
  'free_micro',
  'dev_micro',
  'dev_small',
  'dev_medium',
  'dev_large',
  'ds_small',
  'ds_medium',
  'ds_large',
  'ml_t4_small',
  'ml_t4_medium',
  'ml_t4_large',
  'ml_a100_small',
  'ml_a100_medium',
  'ml_a100_large',
  'ml_h100_small',
  'ml_h100_medium',
  'ml_h100_large',
  'compute_small',
  'compute_medium',
  'compute_large',
  'compute_xlarge',
] as const;
export type PackageName = (typeof PACKAGES)[number];

/** Enum values are accepted in any case (`DEV_MEDIUM`, `dev_medium`): old clients send both. */
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(values));

export const ResourcePackage = oneOf(PACKAGES);
const Quantity = z.string().min(1).max(32).meta({ description: 'A quantity such as "500m", "1.5", "512Mi" or "6Gi".' });

const ResourceSpec = z.strictObject({
  cpu_size: oneOf(CPU_SIZES).nullish().meta({ description: 'CPU as a named size; `custom` uses `custom_cpu_…`.' }),
  memory_size: oneOf(MEMORY_SIZES)
    .nullish()
    .meta({ description: 'Memory as a named size; `custom` uses `custom_memory_…`.' }),
  custom_cpu_request: Quantity.nullish().meta({ description: 'CPU to reserve, such as `500m` or `1.5`.' }),
  custom_cpu_limit: Quantity.nullish().meta({ description: 'CPU at most; by default the request.' }),
  custom_memory_request: Quantity.nullish().meta({ description: 'Memory to reserve, such as `512Mi` or `6Gi`.' }),
  custom_memory_limit: Quantity.nullish().meta({ description: 'Memory at most; by default the request.' }),
});
const ImageSpec = z.strictObject({
  image_type: oneOf(IMAGE_TYPES).nullish().meta({ description: 'Kind of image; `custom` uses `image_url`.' }),
  image_url: z
    .string()
    .max(512)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/, 'is an image reference such as registry/name:tag')
    .nullish()
    .meta({ description: 'Reference of a container image, such as `registry/name:tag`.' }),
  image_tag: z
    .string()
    .max(128)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, 'is an image tag such as 3.11-slim')
    .nullish()
    .meta({ description: 'Tag of the image, such as `3.11-slim`.' }),
});
const GpuSpec = z.strictObject({
  gpu_type: oneOf(GPU_TYPES).nullish().meta({ description: 'Type of GPU; `none` removes the GPU of the package.' }),
  gpu_count: z
    .number()
    .int()
    .min(1)
    .max(8)
    .nullish()
    .meta({ description: 'Number of GPUs, 1 to 8; by default the package’s, otherwise 1.' }),
});
const FORMER = 'Accepted for the third version. Has no effect, and the answer warns.';
const Former = z.string().max(512).nullish().meta({ description: FORMER });
const StorageConfig = z.strictObject({
  volume: StorageName.nullish().meta({ description: 'Name of the volume to mount (default: `default`).' }),
  bucket: StorageName.nullish().meta({ description: 'Name of the bucket to mount (default: `default`).' }),
  storage_type: Former,
  mount_path: Former,
  bucket_name: Former,
  gcs_prefix: Former,
  gcs_mount_options: Former,
  pvc_name: Former,
  pvc_size: Former,
  storage_class: Former,
});
const SizeGb = z.number().int().min(1).max(102_400);

export const SessionCreate = z
  .strictObject({
    provider: oneOf(PROVIDERS)
      .nullish()
      .meta({ description: 'Where the session runs; `auto` (the default) chooses a provider.' }),
    template: z
      .string()
      .max(64)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits and . _ -')
      .nullish()
      .meta({ description: 'Purpose of the session, such as `python`; chooses the image if none is requested.' }),
    namespace: Namespace.nullish().meta({
      description: 'Label that groups sessions, such as a project (default: `default`).',
    }),
    user: UserId.nullish().meta({ description: 'User of the session; by default the user of the key.' }),
    workspace_id: WorkspaceId.nullish().meta({
      description: 'Workspace of the session (default: `default`, which is created at its first use).',
    }),
    workspace_owner: UserId.nullish().meta({ description: 'Owner of the workspace; by default `user`.' }),
    ttl_minutes: z
      .number()
      .int()
      .min(1)
      .max(1440)
      .nullish()
      .meta({ description: 'Time to live in minutes, 1 to 1440 (default: 60).' }),
    resource_package: ResourcePackage.nullish().meta({
      description: 'Package of the session; by default the workspace’s.',
    }),
    resource_tier: oneOf(RESOURCE_TIERS).nullish().meta({
      description: 'Size in the words of the second version. `resource_package` and `resource_spec` override it.',
    }),
    resource_spec: ResourceSpec.nullish().meta({ description: 'CPU and memory. Overrides the package.' }),
    image_spec: ImageSpec.nullish().meta({ description: 'Image of the session; by default the package’s.' }),
    gpu_spec: GpuSpec.nullish().meta({ description: 'GPU of the session; by default the package’s.' }),
    gpu_type: oneOf(GPU_TYPES).nullish().meta({ description: 'Short for `gpu_spec.gpu_type`.' }),
    gpu_count: z.number().int().min(1).max(8).nullish().meta({ description: 'Short for `gpu_spec.gpu_count`.' }),
    request_persistent_storage: z
      .boolean()
      .nullish()
      .meta({ description: 'Mount a volume at `/workspace` (default: false). The first request creates it.' }),
    persistent_storage_size_gb: SizeGb.nullish().meta({
      description: 'Size of the volume in GB (default: 10). Requests a volume too. A volume can grow, not shrink.',
    }),
    request_bucket: z
      .boolean()
      .nullish()
      .meta({ description: 'Mount a bucket at `/buckets/NAME` (default: false). The first request creates it.' }),
    bucket_size_gb: SizeGb.nullish().meta({
      description: 'Size of the bucket in GB (default: 10). Requests a bucket too. A bucket can grow, not shrink.',
    }),
    storage_config: StorageConfig.nullish().meta({ description: 'Names of the volume and the bucket.' }),
    env: Env.nullish().meta({
      description:
        'Environment variables of every command. The values are encrypted and can’t be read back; the names can.',
    }),
    labels: Labels.nullish().meta({ description: 'Labels to find the session by, at most 64.' }),
    needs_ssh: z.boolean().nullish().meta({ description: FORMER }),
    long_lived: z.boolean().nullish().meta({ description: FORMER }),
    expected_duration_minutes: z.number().int().min(1).max(10_080).nullish().meta({ description: FORMER }),
    user_type: z.string().max(64).nullish().meta({ description: FORMER }),
    storage: z.record(z.string(), z.unknown()).nullish().meta({ description: FORMER }),
  })
  .meta({ id: 'SessionCreate' });

export const SessionUpdate = z
  .strictObject({
    ttl_minutes: z
      .number()
      .int()
      .min(1)
      .max(1440)
      .optional()
      .meta({ description: 'New time to live in minutes, counted from now (1 to 1440).' }),
    labels: Labels.optional().meta({ description: 'Replaces all labels.' }),
  })
  .refine((body) => body.ttl_minutes !== undefined || body.labels !== undefined, 'give ttl_minutes, labels or both')
  .meta({ id: 'SessionUpdate' });

const Loose = z.record(z.string(), z.unknown());

export const Session = z
  .object({
    id: z.string().meta({ description: 'Id of the session.' }),
    provider: z.string().meta({ description: 'Provider that was requested; for `auto` the driver that was chosen.' }),
    namespace: z.string().meta({ description: 'Label that groups sessions.' }),
    user: z.string().meta({ description: 'User of the session.' }),
    workspace_id: z.string().meta({ description: 'Workspace of the session.' }),
    workspace_owner: z
      .string()
      .meta({ description: 'Owner of the workspace, whose quotas and budget the session uses.' }),
    template: z.string().nullable().meta({ description: 'Purpose of the session, as requested.' }),
    status: z
      .enum(SESSION_STATUSES)
      .meta({ description: '`creating`, `running`, `terminating`, and at the end `terminated` or `failed`.' }),
    status_reason: z
      .string()
      .nullable()
      .meta({
        description: 'Why the session ends or has ended, from a closed list; null before that.',
        enum: [...STATUS_REASONS, null],
      }),
    status_message: z.string().nullable().meta({ description: 'A sentence that says what happened and what to do.' }),
    url: z.string().nullable().meta({ description: 'Address of the session in this API; null once it ends.' }),
    websocket: z.string().nullable().meta({ description: 'Address of its shell; null once it ends.' }),
    ssh: z.string().nullable().meta({ description: 'Always null: sessions are reached through this API.' }),
    details: Loose.meta({
      description: '`driver`, `isolation`, `limits`, `network`, `image`, `workspace_path`, `warnings` and the plan.',
    }),
    user_type: z.string().meta({ description: 'User type of the workspace’s owner when the session was created.' }),
    resource_package: z.string().nullable().meta({ description: 'Package of the session; null with `resource_tier`.' }),
    resource_spec: Loose.meta({
      description: '`cpu_request`, `cpu_limit`, `memory_request` and `memory_limit` as quantities.',
    }),
    image_spec: Loose.meta({ description: '`image_type`, `image_url` and `image_tag`.' }),
    gpu_spec: Loose.nullable().meta({ description: '`gpu_type` and `gpu_count`; null without a GPU.' }),
    storage_allocation: Loose.nullable().meta({
      description:
        '`persistent_storage` and `bucket`, each with `name`, `size_gb` and `mount_path`; their names also as `persistent_volume_name` and `bucket_name`; null without storage.',
    }),
    storage_config: Loose.nullable().meta({
      description: 'Names of the `volume` and the `bucket`; null without storage.',
    }),
    storage_status: z
      .string()
      .nullable()
      .meta({ description: '`pending`, `ready`, or `detached` after the end; null without storage.' }),
    env_names: z
      .array(z.string())
      .meta({ description: 'Names of the environment variables. The values can’t be read back.' }),
    labels: z.record(z.string(), z.string()).meta({ description: 'Labels of the session.' }),
    ttl_minutes: z.number().meta({ description: 'Minutes from the creation to `expires_at`.' }),
    created_at: Instant.meta({ description: 'When it was created.' }),
    expires_at: Instant.meta({ description: 'When its time to live ends.' }),
    started_at: NullableInstant.meta({
      description: 'When it began to run, as its provider recorded it; null before that.',
    }),
    ended_at: NullableInstant.meta({ description: 'When it ended, as its provider recorded it; null before that.' }),
    k8s_namespace: z.string().nullable().meta({ description: 'Kubernetes namespace; null if the provider has none.' }),
    pod_name: z.string().nullable().meta({ description: 'Kubernetes pod; null if the provider has none.' }),
    service_name: z.string().nullable().meta({ description: 'Cloud Run service; null if the provider has none.' }),
    job_name: z.string().nullable().meta({ description: 'Cloud Run job; null if the provider has none.' }),
  })
  .meta({ id: 'Session' });

export const SessionListQuery = z.object({
  namespace: queryFilter(Namespace),
  user: queryFilter(UserId),
  state: z.enum(SESSION_STATUSES).optional().meta({ description: 'Only sessions with this status.' }),
  label: z
    .string()
    .max(320)
    .optional()
    .meta({ description: 'Only sessions with this label: `key=value`, or `key` for any value.' }),
  workspace_id: WorkspaceId.optional(),
  workspace_owner: UserId.optional(),
});

export const SessionConnection = z
  .object({
    id: z.string().meta({ description: 'Id of the session.' }),
    status: z
      .enum(SESSION_STATUSES)
      .meta({ description: '`creating`, `running`, `terminating`, and at the end `terminated` or `failed`.' }),
    url: z.string().nullable().meta({ description: 'Address of the session in this API; null once it ends.' }),
    websocket: z.string().nullable().meta({ description: 'Address of its shell; null once it ends.' }),
    ssh: z.string().nullable().meta({ description: 'Always null: sessions are reached through this API.' }),
    subprotocols: z.array(z.string()).meta({ description: 'WebSocket subprotocols that the shell accepts.' }),
    how: z.string().meta({ description: 'A sentence that says how to reach the session.' }),
  })
  .meta({ id: 'SessionConnection' });

export const Usage = z
  .object({
    cpu_percent: z.number().nullable().meta({ description: 'CPU in percent of one CPU: 200 is two whole CPUs.' }),
    memory_mb: z.number().nullable().meta({ description: 'Memory in use, in MiB, with one decimal.' }),
    memory_limit_mb: z.number().nullable().meta({ description: 'Memory at most, in MiB.' }),
    disk_mb: z
      .number()
      .nullable()
      .meta({ description: 'Files that the session has written, without its volume, in MiB.' }),
    processes: z.number().nullable().meta({ description: 'Number of processes.' }),
  })
  .meta({ id: 'Usage', description: 'Measured now; null where this session’s provider can’t measure it.' });

export const Ticket = z
  .object({
    ticket: z.string().meta({ description: 'Replaces a key on one WebSocket: valid once, for 60 seconds.' }),
    subprotocol: z.string().meta({ description: 'The ticket as a WebSocket subprotocol, ready to send.' }),
    expires_at: Instant.meta({ description: 'When the ticket stops working.' }),
  })
  .meta({ id: 'Ticket' });

export const Cleaned = z
  .object({ cleaned: z.number().int().meta({ description: 'Number of expired sessions that are being ended.' }) })
  .meta({ id: 'Cleaned' });
export const CleanupQuery = z.object({ user: UserId.optional(), namespace: queryFilter(Namespace) });
