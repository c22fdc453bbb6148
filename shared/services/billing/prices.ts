import type { Budget } from '#domain/budget.ts';
import type { Plan } from '#domain/plan.ts';
import type { PlanInput } from '#domain/plans.ts';
import { shadowPlan } from '#domain/plans.ts';
import { type BilledStorage, shadowStorage } from '#domain/storage-pricing.ts';
import type { StorageDoc, UserDoc } from '../model/docs.ts';
import type { Deps } from '../kernel/deps.ts';

/** What a session is billed as: its provider's plan, or what another one would run for it. */
export const billedPlan = (deps: Deps, plan: Plan, input: PlanInput): Plan =>
  plan.shape === 'local' && deps.settings.shadow_provider !== null
    ? shadowPlan(plan, input, deps.settings.shadow_provider)
    : plan;

export const billedStorage = (deps: Deps, doc: Pick<StorageDoc, 'kind' | 'provider' | 'size_gb'>): BilledStorage =>
  shadowStorage({ kind: doc.kind, provider: doc.provider, size_gb: doc.size_gb }, deps.settings.shadow_provider);

export const budgetOf = (user: UserDoc): Budget => ({
  limit_nano: user.monthly_budget_nano,
  action: user.budget_action,
});
