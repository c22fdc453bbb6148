import file from './prices.json' with { type: 'json' };

interface PriceRow {
  readonly item: string;
  /** What the price is for, such as `vCPU-second` or `GiB-month`; the last word is the time. */
  readonly unit: string;
  /** null: looked for and not found. */
  readonly usd: number | null;
  readonly region: string;
  readonly source: string;
  readonly as_of: string;
  readonly confidence: string;
  readonly note?: string;
}

/** Prices of one region. */
export interface PriceTable {
  readonly version: string;
  readonly currency: string;
  readonly region: string;
  /** The price, or null where it is missing. */
  get(item: string): Price | null;
}

/** Exact: picodollars (1e-12 USD) for one unit over `per_ms` milliseconds. */
interface Price {
  readonly pico_usd: bigint;
  readonly per_ms: bigint;
}

/** A month of storage is 30 days, as in the conversion factor of the billing catalogue's own GiB-month. */
const UNIT_MS: Readonly<Record<string, bigint>> = { second: 1000n, hour: 3_600_000n, month: 2_592_000_000n };

const toPrice = (row: PriceRow): Price | null => {
  const per_ms = UNIT_MS[row.unit.slice(row.unit.lastIndexOf('-') + 1)];
  if (row.usd === null || per_ms === undefined) return null;
  return { pico_usd: BigInt(row.usd.toFixed(12).replace('.', '')), per_ms };
};

export interface PriceFile {
  readonly version: string;
  readonly currency: string;
  readonly region: string;
  readonly rows: readonly PriceRow[];
}

export const PRICE_FILE: PriceFile = file;

/**
 * The prices of a region. A row for another region is never used in its place: there the price is missing.
 * `region` left out is the file's own.
 */
export const priceTable = (region?: string, source: PriceFile = PRICE_FILE): PriceTable => {
  const at = region ?? source.region;
  const prices = new Map<string, Price>();
  for (const row of source.rows) {
    const price = row.region === at || row.region === 'all' ? toPrice(row) : null;
    if (price !== null) prices.set(row.item, price);
  }
  return {
    version: source.version,
    currency: source.currency,
    region: at,
    get: (item) => prices.get(item) ?? null,
  };
};
