import { dollars, usd } from './money.ts';
import type { Plan } from './plan.ts';
import type { PriceTable } from './prices.ts';
import { billLines, costBetween, missingIn, rateBetween, rateOf, together } from './pricing.ts';
import type { BilledStorage } from './storage-pricing.ts';
import { storageBetween, storageLines } from './storage-pricing.ts';

/**
 * Dollars; null where a price that it needs is missing. `at_least` is the known part, `at_most` has the bounds of what
 * is missing with it, and is null where one of those has none. Field names are the wire's.
 */
export interface CostEstimate {
  readonly cpu_cost_per_hour: number | null;
  readonly memory_cost_per_hour: number | null;
  readonly gpu_cost_per_hour: number | null;
  readonly storage_cost_per_hour: number | null;
  readonly total_cost_per_hour: number | null;
  readonly at_least_total_cost_per_hour: number;
  readonly at_most_total_cost_per_hour: number | null;
  readonly estimated_total_cost: number | null;
  readonly at_least_estimated_total_cost: number;
  readonly at_most_estimated_total_cost: number | null;
  readonly currency: string;
  readonly region: string;
  readonly ttl_minutes: number;
  readonly plan: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  readonly missing_prices: readonly string[];
  readonly price_table: string;
  readonly price_list: string;
}

const MINUTE_MS = 60_000;

/**
 * What a session with its storage costs if it lives for `ttl_minutes`. The provider's minimum is in the total and
 * not in the rates. Storage counts only for the session's time to live, although it outlives the session.
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
  const perHour = rateBetween(lines, table);
  const total = together([
    costBetween(plan, 0, ms, table),
    ...storage.map((each) => storageBetween(each, 0, ms, table)),
  ]);
  const missing_prices = missingIn(lines, table);
  const { ok: _, warnings, ...shape } = plan;
  return {
    cpu_cost_per_hour: dollars(rate.cpu),
    memory_cost_per_hour: dollars(rate.memory),
    gpu_cost_per_hour: dollars(rate.gpu),
    storage_cost_per_hour: dollars(rate.storage),
    total_cost_per_hour: dollars(rate.total),
    at_least_total_cost_per_hour: usd(perHour.at_least),
    at_most_total_cost_per_hour: dollars(perHour.at_most),
    estimated_total_cost: missing_prices.length > 0 ? null : usd(total.at_least),
    at_least_estimated_total_cost: usd(total.at_least),
    at_most_estimated_total_cost: dollars(total.at_most),
    currency: table.currency,
    region: table.region,
    ttl_minutes,
    plan: shape,
    warnings,
    missing_prices,
    price_table: table.version,
    price_list: table.name,
  };
};
