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
  /** The time to live that is asked for; unchecked when left out. */
  readonly ttl_minutes?: number;
}

/** What a provider will really give and bill. The compute port's `Plan`. */
export interface Plan {
  readonly ok: true;
  readonly shape: string;
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly gpu: Gpu | null;
  readonly machine_type: string | null;
  readonly min_billed_seconds: number;
  readonly warnings: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
}

/** Why a provider can't, and which field to change. */
export interface Refusal {
  readonly ok: false;
  readonly field: string;
  readonly message: string;
}

export const refuse = (field: string, message: string): Refusal => ({ ok: false, field, message });

export const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** Refuses a time to live that the provider can't give. */
export const refuseLife = (provider: string, input: PlanInput, max_life_minutes: number | null): Refusal | null =>
  input.ttl_minutes !== undefined && max_life_minutes !== null && input.ttl_minutes > max_life_minutes
    ? refuse('ttl_minutes', `${provider} gives such a session ${max_life_minutes} minutes at most`)
    : null;

/** The largest of the sizes that a provider has is too small. */
export const tooLarge = (provider: string, what: string): Refusal =>
  refuse('resource_spec', `${provider} gives at most ${what}; ask for a smaller package or another provider`);
