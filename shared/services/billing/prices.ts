import type { Budget } from '#domain/budget.ts';
import type { Plan } from '#domain/plan.ts';
import type { PlanInput } from '#domain/plans.ts';
import { shadowPlan } from '#domain/plans.ts';
import { type PriceTable, priceTable } from '#domain/prices.ts';
import { type BilledStorage, shadowStorage } from '#domain/storage-pricing.ts';
import type { StorageDoc, UserDoc } from '../model/docs.ts';
import type { Deps, Settings } from '../kernel/deps.ts';

const tables = new Map<string, PriceTable>();

/** The prices of this deployment's region. */
export const pricesOf = (settings: Settings): PriceTable => {
  const known = tables.get(settings.region);
  if (known) return known;
  const table = priceTable(settings.region);
  tables.set(settings.region, table);
  return table;
};

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
