import { splitMonths } from './months.ts';
import type { Plan } from './plan.ts';
import type { PriceTable } from './prices.ts';
import { costNanoUsd, missingPrices } from './pricing.ts';
import type { BilledStorage } from './storage-pricing.ts';
import { missingStoragePrices, storageCost } from './storage-pricing.ts';

/** One entry of the ledger. Never edited: what was too much is given back by a `correction`. */
export interface Segment {
  readonly id: string;
  readonly kind: 'compute' | 'storage' | 'correction';
  readonly n: number;
  readonly month: string;
  readonly from: string;
  readonly to: string;
  /** Negative in a correction. */
  readonly milliseconds: number;
  readonly nano_usd: number;
  readonly price_table: string;
  readonly missing_prices: readonly string[];
}

/** Deterministic, so that the same segment written twice is one. `of` is a session or a piece of storage. */
const segmentId = (of: string, n: number): string => `${of}:${n}`;

interface Cut {
  /** Whose segments these are: a session's id, or a storage id. */
  readonly of: string;
  /** The number of the first segment: how many there are already. */
  readonly n: number;
  /** When the run started by the provider's record, epoch milliseconds. */
  readonly origin: number;
  readonly from: number;
  readonly to: number;
  readonly table: PriceTable;
}

type Priced = (from_ms: number, to_ms: number) => number;

const cut = (at: Cut, kind: Segment['kind'], price: Priced, missing_prices: readonly string[]): readonly Segment[] =>
  splitMonths(Math.max(at.from, at.origin), at.to).map(({ month, from, to }, i) => ({
    id: segmentId(at.of, at.n + i),
    kind,
    n: at.n + i,
    month,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    milliseconds: kind === 'correction' ? from - to : to - from,
    nano_usd: price(from - at.origin, to - at.origin),
    price_table: at.table.version,
    missing_prices,
  }));

/** A session's cost from where the ledger has it to where the provider was last seen running it, cut at month ends. */
export const computeSegments = (at: Cut & { readonly plan: Plan }): readonly Segment[] =>
  cut(at, 'compute', (from, to) => costNanoUsd(at.plan, from, to, at.table), missingPrices(at.plan, at.table));

/** The cost of a volume or bucket, session or not. */
export const storageSegments = (at: Cut & { readonly storage: BilledStorage }): readonly Segment[] =>
  cut(
    at,
    'storage',
    (from, to) => storageCost(at.storage, from, to, at.table).total,
    missingStoragePrices(at.storage, at.table),
  );

/**
 * Gives back what was billed past the end that the final record names: `from` is that end, `to` the instant up to
 * which the ledger has it. With these the sum is what one bill of the whole run would have been.
 */
export const correctionSegments = (at: Cut & { readonly plan: Plan }): readonly Segment[] =>
  cut(at, 'correction', (from, to) => 0 - costNanoUsd(at.plan, from, to, at.table), missingPrices(at.plan, at.table));

/** What segments add to each month, nano-USD. */
export const byMonth = (segments: readonly Segment[]): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {};
  for (const { month, nano_usd } of segments) sums[month] = (sums[month] ?? 0) + nano_usd;
  return sums;
};
