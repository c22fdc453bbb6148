import { usd } from './money.ts';
import type { Plan } from './plan.ts';
import type { PriceTable } from './prices.ts';
import { billLines, cost, missingIn, rateOf } from './pricing.ts';
import type { BilledStorage } from './storage-pricing.ts';
import { storageCost, storageLines } from './storage-pricing.ts';

/** Dollars; null where a price that it needs is missing. Field names are the wire's. */
export interface CostEstimate {
  readonly cpu_cost_per_hour: number | null;
  readonly memory_cost_per_hour: number | null;
  readonly gpu_cost_per_hour: number | null;
  readonly storage_cost_per_hour: number | null;
  readonly total_cost_per_hour: number | null;
  readonly estimated_total_cost: number | null;
  readonly currency: string;
  readonly region: string;
  readonly ttl_minutes: number;
  readonly plan: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  readonly missing_prices: readonly string[];
  readonly price_table: string;
}

const MINUTE_MS = 60_000;
const dollars = (nano: number | null): number | null => (nano === null ? null : usd(nano));

/**
 * What a session with its storage costs if it lives for `ttl_minutes`. The provider's minimum is in the total and
 * not in the rates. Storage counts for as long as the session lives, though it goes on after it.
 */
export const estimate = (
  plan: Plan,
  storage: readonly BilledStorage[],
  ttl_minutes: number,
  table: PriceTable,
): CostEstimate => {
  const lines = [...billLines(plan), ...storage.flatMap(storageLines)];
  const rate = rateOf(lines, table);
  const ms = ttl_minutes * MINUTE_MS;
  const total = storage.reduce(
    (sum, each) => sum + storageCost(each, 0, ms, table).total,
    cost(plan, 0, ms, table).total,
  );
  const missing_prices = missingIn(lines, table);
  const { ok: _, warnings, ...shape } = plan;
  return {
    cpu_cost_per_hour: dollars(rate.cpu),
    memory_cost_per_hour: dollars(rate.memory),
    gpu_cost_per_hour: dollars(rate.gpu),
    storage_cost_per_hour: dollars(rate.storage),
    total_cost_per_hour: dollars(rate.total),
    estimated_total_cost: missing_prices.length > 0 ? null : usd(total),
    currency: table.currency,
    region: table.region,
    ttl_minutes,
    plan: shape,
    warnings,
    missing_prices,
    price_table: table.version,
  };
};
