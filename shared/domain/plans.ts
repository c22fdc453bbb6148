import type { Plan, PlanInput, Refusal } from './plan.ts';
import { CLOUD_RUN_MAX_LIFE_MINUTES, planCloudRun } from './plan-cloud-run.ts';
import { planGke } from './plan-gke.ts';
import { planLocal } from './plan-local.ts';
import { planWorkstations, WORKSTATIONS_MAX_LIFE_MINUTES } from './plan-workstations.ts';

export type { Plan, PlanInput, Refusal };
export { planCloudRun, planGke, planLocal, planWorkstations };

/** Providers that plan and bill in their own way. */
export const PLANNERS = {
  local: (input: PlanInput): Plan | Refusal => planLocal(input),
  gke: planGke,
  cloud_run: planCloudRun,
  workstations: planWorkstations,
} as const satisfies Record<string, (input: PlanInput) => Plan | Refusal>;

export type PlannedProvider = keyof typeof PLANNERS;

/** GPU types that a provider can give; the local machine gives the ones that it has. */
export const PROVIDER_GPUS: Readonly<Record<PlannedProvider, readonly string[]>> = {
  local: [],
  gke: ['t4', 'l4', 'a100', 'h100'],
  cloud_run: ['l4'],
  workstations: ['t4', 'v100', 'l4', 'a100'],
};

/** The longest life in minutes that a provider gives a session, with and without a GPU; null: no limit of its own. */
export const maxLifeMinutes = (provider: PlannedProvider, hasGpu: boolean): number | null => {
  if (provider === 'cloud_run') return hasGpu ? CLOUD_RUN_MAX_LIFE_MINUTES.gpu : CLOUD_RUN_MAX_LIFE_MINUTES.cpu;
  return provider === 'workstations' ? WORKSTATIONS_MAX_LIFE_MINUTES : null;
};

export const planOn = (provider: PlannedProvider, input: PlanInput): Plan | Refusal => PLANNERS[provider](input);

/** A shape without a row in any price table: its cost is missing, not zero. */
const UNPRICED = 'unpriced';

/**
 * The plan that bills a local session if local sessions are priced as if they ran on Google Cloud. If that provider
 * could not run the session, there is no price, and the plan's warnings say why.
 */
export const shadowPlan = (local: Plan, input: PlanInput, as: 'gke' | 'cloud_run'): Plan => {
  const shadow = planOn(as, input);
  if (shadow.ok) return shadow;
  return {
    ...local,
    shape: UNPRICED,
    warnings: [...local.warnings, `It has no price as on ${as}: ${shadow.message}.`],
  };
};
