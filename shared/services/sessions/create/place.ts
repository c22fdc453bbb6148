import { PROVIDERS } from '#contract/entities/session.ts';
import { invalidField, Problem } from '#contract/errors.ts';
import type { ResolvedImage } from '#domain/images.ts';
import type { Resources } from '#domain/resources.ts';
import type { Compute, ComputeSpec, Plan, Refusal } from '#ports/compute.ts';
import type { Deps } from '../../kernel/deps.ts';

/** Room for what a session writes outside of its volume, MiB. */
const SESSION_DISK_MB = 10_240;

export interface Placed {
  readonly compute: Compute;
  readonly plan: Plan;
}

export type PlacedSpec = Omit<ComputeSpec, 'deadline'>;

export const specOf = (
  at: { readonly session_id: string; readonly owner: string; readonly workspace_id: string; readonly provider: string },
  resources: Resources,
  image: ResolvedImage,
  mounts: Pick<ComputeSpec, 'volume' | 'buckets'>,
): PlacedSpec => ({
  ...at,
  cpu_request_millis: resources.cpu_request_millis,
  cpu_limit_millis: resources.cpu_limit_millis,
  memory_request_mb: resources.memory_request_mb,
  memory_limit_mb: resources.memory_limit_mb,
  gpu: resources.gpu,
  image,
  disk_mb: SESSION_DISK_MB,
  volume: mounts.volume,
  buckets: mounts.buckets,
  network: 'default',
});

/**
 * The driver that serves a session: of the provider asked for, where its volume lies, the first that can run it.
 * @throws Problem invalid, conflict
 */
export const place = (deps: Deps, spec: PlacedSpec, deadline: number, storageKind: string | null): Placed => {
  const serving = deps.computes.serving(spec.provider);
  if (serving.length === 0) {
    const on = PROVIDERS.filter((name) => deps.computes.serving(name).length > 0).join(', ');
    throw invalidField(
      'provider',
      `${spec.provider} is off: ${deps.computes.whyOff(spec.provider) ?? 'it is not set up'}. On: ${on}`,
    );
  }
  const fitting =
    storageKind === null ? serving : serving.filter((compute) => compute.capabilities.storage_kind === storageKind);
  if (fitting.length === 0) {
    throw new Problem(
      'conflict',
      `The workspace’s volume lies with ${storageKind}, which ${spec.provider} can’t mount. Ask for auto.`,
    );
  }
  let refusal: Refusal | null = null;
  for (const compute of fitting) {
    const plan = compute.plan({ ...spec, deadline: { at: deadline, generation: 1 } });
    if (plan.ok) return { compute, plan };
    refusal ??= plan;
  }
  throw invalidField(refusal?.field ?? 'provider', refusal?.message ?? 'can’t run this session');
};
