import { resourceKey } from '#domain/names.ts';
import type { ResolvedImage } from '#domain/images.ts';
import type { Reservation } from '#domain/budget.ts';
import type { Resources } from '#domain/resources.ts';
import { formatCpu, formatMemory } from '#domain/sizes.ts';
import { expiresAt, latestEnd } from '#domain/ttl.ts';
import { iso } from '#ports/clock.ts';
import type { Plan } from '#ports/compute.ts';
import type { Settings } from '../../kernel/deps.ts';
import { workspaceKey } from '../../model/collections.ts';
import type { SessionDoc, StorageDoc, UserDoc, WorkspaceDoc } from '../../model/docs.ts';
import { sessionTerms } from '../../model/terms.ts';
import type { Reserved } from '../../storage/reserve.ts';
import type { CreateRequest, CreateInput } from './parse-create.ts';
import type { PlacedSpec } from './place.ts';

/** What a create has decided. */
export interface Decided {
  readonly id: string;
  readonly input: CreateInput;
  readonly ask: CreateRequest;
  readonly owner: UserDoc;
  readonly workspace: WorkspaceDoc;
  readonly resources: Resources;
  readonly image: ResolvedImage;
  readonly driver: string;
  readonly spec: PlacedSpec;
  readonly plan: Plan;
  readonly bill: Plan;
  readonly volume: Reserved | null;
  readonly bucket: Reserved | null;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly env_sealed: string | null;
  readonly reservation: Reservation;
  readonly metered_every_ms: number;
}

const allocation = (volume: StorageDoc | null, bucket: StorageDoc | null): Record<string, unknown> | null =>
  volume || bucket
    ? {
        persistent_storage: volume ? { name: volume.name, size_gb: volume.size_gb, mount_path: '/workspace' } : null,
        bucket: bucket ? { name: bucket.name, size_gb: bucket.size_gb, mount_path: `/buckets/${bucket.name}` } : null,
        // The names as the third version has them.
        persistent_volume_name: volume?.name ?? null,
        bucket_name: bucket?.name ?? null,
      }
    : null;

/** The record of a session as it begins. */
export const newSession = (settings: Settings, decided: Decided): SessionDoc => {
  const { id, input, ask, owner, workspace, resources, image, driver, spec, plan, bill, volume, bucket, now } = decided;
  const expires = expiresAt(now, ask.ttl_minutes);
  const warnings = [...ask.warnings, ...plan.warnings, ...(volume?.warnings ?? []), ...(bucket?.warnings ?? [])];
  const { ok: _, warnings: __, details: ___, ...shape } = plan;
  const { namespace } = ask;
  const labels = input.labels ?? {};
  return {
    id,
    provider: ask.provider === 'auto' ? driver : ask.provider,
    namespace,
    user: ask.user,
    workspace_id: workspace.workspace_id,
    workspace_owner: workspace.owner,
    template: input.template ?? null,
    status: 'creating',
    status_reason: null,
    status_message: null,
    url: null,
    websocket: null,
    ssh: null,
    details: { driver: driver, ...plan.details, plan: shape, warnings },
    user_type: owner.user_type,
    resource_package: resources.source === 'resource_tier' ? null : resources.package,
    resource_spec: {
      cpu_request: formatCpu(resources.cpu_request_millis),
      cpu_limit: formatCpu(resources.cpu_limit_millis),
      memory_request: formatMemory(resources.memory_request_mb),
      memory_limit: formatMemory(resources.memory_limit_mb),
    },
    image_spec: { image_type: image.type, image_url: image.url, image_tag: image.tag },
    gpu_spec: resources.gpu ? { gpu_type: resources.gpu.type, gpu_count: resources.gpu.count } : null,
    storage_allocation: allocation(volume?.doc ?? null, bucket?.doc ?? null),
    storage_config: volume || bucket ? { volume: volume?.doc.name ?? null, bucket: bucket?.doc.name ?? null } : null,
    storage_status: volume || bucket ? 'pending' : null,
    env_names: Object.keys(input.env ?? {}).sort(),
    labels,
    ttl_minutes: ask.ttl_minutes,
    created_at: iso(now),
    expires_at: iso(expires),
    started_at: null,
    ended_at: null,
    k8s_namespace: null,
    pod_name: null,
    service_name: null,
    job_name: null,
    workspace_key: workspaceKey(workspace.owner, workspace.workspace_id),
    driver: driver,
    key: resourceKey(id),
    ref: null,
    generation: 1,
    spec,
    plan,
    bill,
    env_sealed: decided.env_sealed,
    end: null,
    mounts: [volume, bucket].flatMap((each) => (each ? [each.doc.id] : [])),
    start_by: iso(
      Math.min(
        now + (plan.start_timeout_ms ?? settings.start_timeout_ms),
        latestEnd(now, settings.longest_life_minutes),
      ),
    ),
    deadline_held: null,
    live: true,
    recent: true,
    terms: sessionTerms({ namespace, labels }),
    live_until: iso(expires),
    meter_due: null,
    metered_every_ms: decided.metered_every_ms,
    purge_at: null,
    metered_until: null,
    ledgered_until: null,
    open_nano: 0,
    segments: 0,
    billed_nano: 0,
    reservation: decided.reservation,
  };
};
