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
  at: Pick<ComputeSpec, 'session_id' | 'owner' | 'workspace_id' | 'provider' | 'life_minutes'>,
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

/** The kinds of the storage that exists already and is to be mounted; null where it is still to be made. */
export interface HeldKinds {
  readonly volume: string | null;
  readonly bucket: string | null;
}

const mounts = ({ capabilities }: Compute, held: HeldKinds): boolean =>
  (held.volume === null || held.volume === capabilities.volume_kind) &&
  (held.bucket === null || held.bucket === capabilities.bucket_kind);

const cannotMount = (deps: Deps, provider: string, held: HeldKinds): Problem => {
  const kinds = [held.volume && `volume of kind ${held.volume}`, held.bucket && `bucket of kind ${held.bucket}`];
  const able = PROVIDERS.filter((name) => deps.computes.serving(name).some((compute) => mounts(compute, held)));
  const advice = able.length > 0 ? `Ask for ${able.join(' or ')}` : 'Ask for other names in storage_config';
  return new Problem(
    'conflict',
    `${provider} can’t mount the workspace’s ${kinds.filter(Boolean).join(' and ')}. ${advice}.`,
  );
};

/**
 * The driver that serves a session: of the provider asked for, where its storage is, the first that can run it for as
 * long as is asked. @throws Problem invalid, conflict
 */
export const place = (deps: Deps, spec: PlacedSpec, deadline: number, held: HeldKinds): Placed => {
  const serving = deps.computes.serving(spec.provider);
  if (serving.length === 0) {
    const on = PROVIDERS.filter((name) => deps.computes.serving(name).length > 0).join(', ');
    throw invalidField(
      'provider',
      `${spec.provider} is off: ${deps.computes.whyOff(spec.provider) ?? 'it is not set up'}. On: ${on}`,
    );
  }
  const fitting = serving.filter((compute) => mounts(compute, held));
  if (fitting.length === 0) throw cannotMount(deps, spec.provider, held);
  let refusal: Refusal | null = null;
  for (const compute of fitting) {
    const plan = compute.plan({ ...spec, deadline: { at: deadline, generation: 1 } });
    if (plan.ok) return { compute, plan };
    refusal ??= plan;
  }
  throw invalidField(refusal?.field ?? 'provider', refusal?.message ?? 'can’t run this session');
};
