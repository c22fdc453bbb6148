import type { Gpu } from './packages.ts';

/** What a session asks of a provider. A structural part of the compute port's spec. */
export interface PlanInput {
  readonly cpu_request_millis: number;
  readonly cpu_limit_millis: number;
  readonly memory_request_mb: number;
  readonly memory_limit_mb: number;
  readonly gpu: Gpu | null;
  /** The session's own disk; what the provider gives when left out. */
  readonly disk_mb?: number;
  /** The lifetime that is asked for; unchecked when left out. */
  readonly life_minutes?: number;
}

/** What a provider will really give and bill. The compute port's `Plan`. */
export interface Plan {
  readonly ok: true;
  readonly shape: string;
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly gpu: Gpu | null;
  /** The session's own disk, MiB, as the provider sizes and bills it; where it does neither, as asked. */
  readonly disk_mb: number;
  readonly machine_type: string | null;
  readonly min_billed_seconds: number;
  /** The longest life of such a session at the provider; null: the provider sets no limit. */
  readonly max_life_minutes: number | null;
  /** How long such a session may take to run; null: as long as the deployment allows. */
  readonly start_timeout_ms: number | null;
  readonly warnings: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
}

/** Fields that 0.1.0 did not write; it kept a pod's disk among the details. */
type Added = 'disk_mb' | 'max_life_minutes' | 'start_timeout_ms';
/** A plan as a document may have it. */
export type StoredPlan = Omit<Plan, Added> & Partial<Pick<Plan, Added>>;

/** What those releases billed where the details say nothing. */
const UNSAID_DISK_MB = 1024;

/** The plan of a document, priced as it was by the release that wrote it. */
export const readPlan = (stored: StoredPlan): Plan => {
  const { ephemeral_storage_mb: before } = stored.details;
  const disk_mb = stored.disk_mb ?? (typeof before === 'number' ? Math.round(before) : UNSAID_DISK_MB);
  const { max_life_minutes = null, start_timeout_ms = null } = stored;
  return { ...stored, disk_mb, max_life_minutes, start_timeout_ms };
};

/** Why a provider refuses, and which field to change. */
export interface Refusal {
  readonly ok: false;
  readonly field: string;
  readonly message: string;
}

export const refuse = (field: string, message: string): Refusal => ({ ok: false, field, message });

export const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** Refuses a lifetime that the provider can't give. */
export const refuseLife = (provider: string, input: PlanInput, max_life_minutes: number | null): Refusal | null =>
  input.life_minutes !== undefined && max_life_minutes !== null && input.life_minutes > max_life_minutes
    ? refuse('ttl_minutes', `${provider} allows such a session at most ${max_life_minutes} minutes`)
    : null;

/** The largest of the sizes that a provider has is too small. */
export const tooLarge = (provider: string, what: string): Refusal =>
  refuse('resource_spec', `${provider} gives at most ${what}; ask for a smaller package or another provider`);
