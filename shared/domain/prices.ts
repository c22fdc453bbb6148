import file from './prices.json' with { type: 'json' };

export interface PriceRow {
  readonly item: string;
  /** What the price is for, such as `vCPU-second` or `GiB-month`; the last word is the time. */
  readonly unit: string;
  /** null: looked for and not found. */
  readonly usd: number | null;
  /** Of a row without a price: the name of its upper bound. */
  readonly bound?: string;
  /** `all`: every region that has no row of its own. */
  readonly region: string;
  readonly source?: string;
  readonly as_of?: string;
  readonly confidence?: string;
  readonly note?: string;
}

/** The most that missing prices cost: of all rows of one bill that name it, together. */
export interface PriceBound {
  /** Of what the node costs on demand, without what is billed beside it: 0.2 is a fifth. */
  readonly share_of_node?: number;
  /** For Spot prices: of what the same costs on demand. One of the two shares is given. */
  readonly share_of_on_demand?: number;
  readonly reason: string;
  readonly source?: string;
  readonly as_of?: string;
}

export interface PriceFile {
  readonly name: string;
  readonly currency: string;
  readonly bounds?: Readonly<Record<string, PriceBound>>;
  readonly rows: readonly PriceRow[];
}

/** The built-in list. */
export interface PriceList extends PriceFile {
  readonly version: string;
  readonly region: string;
}

/** Prices of one region: the built-in list, with a user's own rows over it where there are any. */
export interface PriceTable {
  /** The name of the user's list if there is one, otherwise of the built-in list. */
  readonly name: string;
  /** Of the built-in list. */
  readonly version: string;
  readonly currency: string;
  readonly region: string;
  /** The price, or null where it is missing. */
  get(item: string): Price | null;
  /** The upper bound that the table gives a missing price; null if it gives none. */
  bound(item: string): Bound | null;
}

/** Exact: picodollars (1e-12 USD) for one unit over `per_ms` milliseconds. */
interface Price {
  readonly pico_usd: bigint;
  readonly per_ms: bigint;
}

export interface Bound {
  /** Missing rows of one bill that have the same name share one bound of the node. */
  readonly name: string;
  /** What it is a share of. */
  readonly of: 'node' | 'on_demand';
  readonly ppm: number;
}

/** A month of storage is 30 days, as in the conversion factor of the billing catalogue's own GiB-month. */
const UNIT_MS: Readonly<Record<string, number>> = { second: 1000, hour: 3_600_000, month: 2_592_000_000 };
export const UNIT_TIMES: readonly string[] = Object.keys(UNIT_MS);

/** `vCPU-hour` is a vCPU for 3,600,000 ms; null if the last word is not a time. */
export const readUnit = (unit: string): { readonly of: string; readonly per_ms: number } | null => {
  const dash = unit.lastIndexOf('-');
  const time = unit.slice(dash + 1);
  const per_ms = Object.hasOwn(UNIT_MS, time) ? UNIT_MS[time] : undefined;
  return dash < 1 || per_ms === undefined ? null : { of: unit.slice(0, dash), per_ms };
};

export const PICO_DECIMALS = 12;

/** Dollars as picodollars, exactly as they are written; null where they have more decimals than that. */
export const picoUsd = (usd: number): bigint | null => {
  const [digits = '', power = ''] = usd.toExponential().split('e');
  const [whole = '', fraction = ''] = digits.split('.');
  const zeros = PICO_DECIMALS + Number(power) - fraction.length;
  return zeros < 0 ? null : BigInt(whole + fraction) * 10n ** BigInt(zeros);
};

const toPrice = (row: PriceRow): Price | null => {
  const unit = readUnit(row.unit);
  const pico_usd = row.usd === null ? null : picoUsd(row.usd);
  return pico_usd === null || unit === null ? null : { pico_usd, per_ms: BigInt(unit.per_ms) };
};

const MILLION = 1_000_000;

const toBound = (name: string | undefined, bounds: Readonly<Record<string, PriceBound>>): Bound | null => {
  const found = name !== undefined && Object.hasOwn(bounds, name) ? bounds[name] : undefined;
  if (name === undefined || found === undefined) return null;
  const { share_of_node, share_of_on_demand = 0 } = found;
  return share_of_node === undefined
    ? { name, of: 'on_demand', ppm: Math.round(share_of_on_demand * MILLION) }
    : { name, of: 'node', ppm: Math.round(share_of_node * MILLION) };
};

export const PRICE_LIST: PriceList = file;

export const EVERY_REGION = 'all';

/** Whether a row is for a region. */
export const holdsIn = (row: PriceRow, region: string): boolean => row.region === region || row.region === EVERY_REGION;

/** The rows of a region by item: one for the region itself before one for all. */
const rowsOf = (rows: readonly PriceRow[], region: string): readonly (readonly [string, PriceRow])[] =>
  [EVERY_REGION, region].flatMap((at) =>
    rows.filter((row) => row.region === at).map((row) => [row.item, row] as const),
  );

/**
 * The prices of a region, with a user's own rows over the built-in ones. A row for another region is never used in its
 * place: there the price is missing. `region` left out is the built-in list's own.
 */
export const priceTable = (region: string = PRICE_LIST.region, own: PriceFile | null = null): PriceTable => {
  const rows = new Map([...rowsOf(PRICE_LIST.rows, region), ...rowsOf(own?.rows ?? [], region)]);
  const bounds = { ...PRICE_LIST.bounds, ...own?.bounds };
  const prices = new Map([...rows].map(([item, row]) => [item, toPrice(row)]));
  return {
    name: own?.name ?? PRICE_LIST.name,
    version: PRICE_LIST.version,
    currency: PRICE_LIST.currency,
    region,
    get: (item) => prices.get(item) ?? null,
    bound: (item) => toBound(rows.get(item)?.bound, bounds),
  };
};
