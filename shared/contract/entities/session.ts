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
/** Closed: why a session ends or has ended. */
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

const ResourceSpec = z.object({
  cpu_size: oneOf(CPU_SIZES).nullish(),
  memory_size: oneOf(MEMORY_SIZES).nullish(),
  custom_cpu_request: Quantity.nullish(),
  custom_cpu_limit: Quantity.nullish(),
  custom_memory_request: Quantity.nullish(),
  custom_memory_limit: Quantity.nullish(),
});
const ImageSpec = z.object({
  image_type: oneOf(IMAGE_TYPES).nullish(),
  image_url: z
    .string()
    .max(512)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/, 'is an image reference such as registry/name:tag')
    .nullish(),
  image_tag: z
    .string()
    .max(128)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, 'is an image tag such as 3.11-slim')
    .nullish(),
});
const GpuSpec = z.object({
  gpu_type: oneOf(GPU_TYPES).nullish(),
  gpu_count: z.number().int().min(1).max(8).nullish(),
});
const StorageConfig = z.object({ volume: StorageName.nullish(), bucket: StorageName.nullish() });
const SizeGb = z.number().int().min(1).max(102_400);

export const SessionCreate = z
  .object({
    provider: oneOf(PROVIDERS).nullish().meta({ description: 'Where it runs; `auto` (the default) decides.' }),
    template: z
      .string()
      .max(64)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits and . _ -')
      .nullish(),
    namespace: Namespace.nullish(),
    user: UserId.nullish().meta({ description: 'Whose session it is; the key’s own user when left out.' }),
    workspace_id: WorkspaceId.nullish(),
    workspace_owner: UserId.nullish().meta({ description: 'Whose workspace; `user` when left out.' }),
    ttl_minutes: z
      .number()
      .int()
      .min(1)
      .max(1440)
      .nullish()
      .meta({ description: 'Minutes to live, 60 when left out.' }),
    resource_package: ResourcePackage.nullish(),
    resource_tier: oneOf(RESOURCE_TIERS).nullish(),
    resource_spec: ResourceSpec.nullish(),
    image_spec: ImageSpec.nullish(),
    gpu_spec: GpuSpec.nullish(),
    gpu_type: oneOf(GPU_TYPES).nullish(),
    gpu_count: z.number().int().min(1).max(8).nullish(),
    request_persistent_storage: z.boolean().nullish(),
    persistent_storage_size_gb: SizeGb.nullish(),
    request_bucket: z.boolean().nullish(),
    bucket_size_gb: SizeGb.nullish(),
    storage_config: StorageConfig.nullish(),
    env: Env.nullish().meta({
      description: 'Given to every command. Sealed at rest and never readable again: only the names are.',
    }),
    labels: Labels.nullish(),
    needs_ssh: z.boolean().nullish(),
    long_lived: z.boolean().nullish(),
    expected_duration_minutes: z.number().int().min(1).max(10_080).nullish(),
  })
  .meta({ id: 'SessionCreate' });

export const SessionUpdate = z
  .object({
    ttl_minutes: z.number().int().min(1).max(1440).optional().meta({ description: 'Minutes to live from now.' }),
    labels: Labels.optional().meta({ description: 'Replaces all labels.' }),
  })
  .refine((body) => body.ttl_minutes !== undefined || body.labels !== undefined, 'give ttl_minutes, labels or both')
  .meta({ id: 'SessionUpdate' });

const Loose = z.record(z.string(), z.unknown());

export const Session = z
  .object({
    id: z.string(),
    provider: z.string(),
    namespace: z.string(),
    user: z.string(),
    workspace_id: z.string(),
    workspace_owner: z.string(),
    template: z.string().nullable(),
    status: z.enum(SESSION_STATUSES),
    status_reason: z
      .string()
      .nullable()
      .meta({
        description: 'Why, from a closed list; null while nothing is amiss.',
        enum: [...STATUS_REASONS, null],
      }),
    status_message: z.string().nullable().meta({ description: 'A sentence that says what to do.' }),
    url: z.string().nullable(),
    websocket: z.string().nullable(),
    ssh: z.string().nullable(),
    details: Loose.meta({
      description: 'driver, isolation, limits, network, image, workspace_path, warnings and the plan.',
    }),
    user_type: z.string(),
    resource_package: z.string().nullable(),
    resource_spec: Loose,
    image_spec: Loose,
    gpu_spec: Loose.nullable(),
    storage_allocation: Loose.nullable(),
    storage_config: Loose.nullable(),
    storage_status: z.string().nullable(),
    env_names: z.array(z.string()),
    labels: z.record(z.string(), z.string()),
    ttl_minutes: z.number(),
    created_at: Instant,
    expires_at: Instant,
    started_at: NullableInstant,
    ended_at: NullableInstant,
    k8s_namespace: z.string().nullable(),
    pod_name: z.string().nullable(),
    service_name: z.string().nullable(),
    job_name: z.string().nullable(),
  })
  .meta({ id: 'Session' });

export const SessionListQuery = z.object({
  namespace: queryFilter(Namespace),
  user: queryFilter(UserId),
  state: z.enum(SESSION_STATUSES).optional(),
  label: z.string().max(320).optional().meta({ description: 'key=value, or key alone.' }),
  workspace_id: WorkspaceId.optional(),
  workspace_owner: UserId.optional(),
});

export const SessionConnection = z
  .object({
    id: z.string(),
    status: z.enum(SESSION_STATUSES),
    url: z.string().nullable(),
    websocket: z.string().nullable(),
    ssh: z.string().nullable(),
    subprotocols: z.array(z.string()),
    how: z.string(),
  })
  .meta({ id: 'SessionConnection' });

export const Usage = z
  .object({
    cpu_percent: z.number().nullable().meta({ description: 'Of one CPU: 200 is two whole ones.' }),
    memory_mb: z.number().nullable(),
    memory_limit_mb: z.number().nullable(),
    disk_mb: z.number().nullable(),
    processes: z.number().nullable(),
  })
  .meta({ id: 'Usage', description: 'Measured now; null where this session’s provider can’t measure it.' });

export const Ticket = z
  .object({ ticket: z.string(), subprotocol: z.string(), expires_at: Instant })
  .meta({ id: 'Ticket' });

export const Cleaned = z.object({ cleaned: z.number().int() }).meta({ id: 'Cleaned' });
export const CleanupQuery = z.object({ user: UserId.optional() });
