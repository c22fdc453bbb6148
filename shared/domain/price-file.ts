import { z } from 'zod';
import { DisplayName } from '#contract/entities/common.ts';
import { EVERY_REGION, holdsIn, PICO_DECIMALS, PRICE_LIST, picoUsd, readUnit, UNIT_TIMES } from './prices.ts';
import type { PriceBound, PriceFile, PriceRow } from './prices.ts';
import { nearest } from './spelling.ts';

/** The error of a field that is missing or has another type. */
const wrong = (kind: string, give: string) => ({
  error: (issue: { readonly input?: unknown }) =>
    `is ${issue.input === undefined ? 'missing' : `not ${kind}`}; ${give}`,
});
const text = (give: string) => z.string(wrong('text', give)).min(1, `is empty; ${give}`).max(500, 'is too long');
const remark = text('give text or leave it out').exactOptional();
const Region = text('give a region, such as us-central1, or leave it out').optional();

const Row = z.strictObject(
  {
    item: text('give the name of a price, such as gke.autopilot.cpu'),
    unit: text('give what the price is for, such as vCPU-hour'),
    usd: z
      .number(wrong('a number', 'give dollars for one unit, such as 0.0445'))
      .min(0, 'is below 0; give dollars for one unit')
      .nullable(),
    bound: text('give the name of a bound').exactOptional(),
    region: Region,
    source: remark,
    as_of: remark,
    confidence: remark,
    note: remark,
  },
  'is not an object; give {"item", "unit", "usd"}',
);

const SHARE = wrong('a share', 'give a number above 0, at most 1: 0.2 is a fifth of the node’s price');
const Share = z.number(SHARE).min(0.000001, SHARE).max(1, SHARE);
const Bound = z
  .strictObject(
    {
      share_of_node: Share.exactOptional(),
      share_of_on_demand: Share.exactOptional(),
      reason: text('say why it costs no more'),
      source: remark,
      as_of: remark,
    },
    'is not an object; give {"share_of_node", "reason"}',
  )
  .refine(
    ({ share_of_node, share_of_on_demand }) => (share_of_node === undefined) !== (share_of_on_demand === undefined),
    'has not one share; give share_of_node, or share_of_on_demand for Spot prices',
  );

/** A user's own prices, which replace built-in ones or add to them: `ONMEMOS_PRICES_FILE`. */
const OwnPrices = z.strictObject(
  {
    name: text('give the list a name of your own').pipe(
      DisplayName.refine((name) => name !== PRICE_LIST.name, 'is the name of the built-in list; give another'),
    ),
    currency: z.literal(
      PRICE_LIST.currency,
      `is not "${PRICE_LIST.currency}", the currency of the built-in prices; give all in it`,
    ),
    region: Region,
    note: remark,
    bounds: z.record(z.string(), Bound, 'is not an object; give bounds by their names').optional(),
    rows: z.array(Row, wrong('a list', 'give one row at least')).min(1, 'is empty; give one row at least'),
  },
  'is not an object; give {"name", "currency", "rows"}',
);

export type ReadPriceFile =
  | { readonly ok: true; readonly file: PriceFile }
  | { readonly ok: false; readonly problems: readonly string[] };

/** A name may have rows for several regions; their unit is one. */
const BUILT_IN: ReadonlyMap<string, PriceRow> = new Map(PRICE_LIST.rows.map((row) => [row.item, row]));
/** Prices that are billed beside a node, so that a share of the node's price bounds them. */
export const BESIDE_NODE = /^(gke\.autopilot\.(spot\.)?gpu-premium|workstations)\./;
/** Prices of Spot, which what the same costs on demand bounds. */
const SPOT = /^gke\.autopilot\.spot\.|\.spot$/;
/** More than any machine costs: such a price is of another unit, or in cents. */
const MOST_USD_PER_HOUR = 1000;
const HOUR_MS = 3_600_000;

const rowName = (i: number, item: unknown): string =>
  typeof item === 'string' && item !== '' ? `row ${i + 1} (${item})` : `row ${i + 1}`;

/** Where a problem is, counted from 1: "row 2 (gke.autopilot.cpu), usd". */
const placeOf = (path: readonly PropertyKey[], given: unknown): string => {
  const [first, i, ...rest] = path;
  if (first !== 'rows' || typeof i !== 'number') return path.length === 0 ? 'the file' : path.join('.');
  const { rows } = given as { readonly rows: readonly unknown[] };
  const item = (rows[i] as { readonly item?: unknown } | null)?.item;
  return [rowName(i, item), ...rest.map(String)].join(', ');
};

const fieldsAt = (path: readonly PropertyKey[]): readonly string[] =>
  Object.keys(path[0] === 'rows' ? Row.shape : path[0] === 'bounds' ? Bound.shape : OwnPrices.shape);

/** What is wrong with the form, a sentence for each field. */
const formProblems = (error: z.ZodError, given: unknown): readonly string[] =>
  error.issues.map((issue) => {
    const place = placeOf(issue.path, given);
    if (issue.code !== 'unrecognized_keys') return `${place} ${issue.message}.`;
    return `${place} has no field ${issue.keys.join(', ')}; the fields are ${fieldsAt(issue.path).join(', ')}.`;
  });

type Bounds = Readonly<Record<string, PriceBound>>;

/** What is wrong with a bound of a missing price; null where it holds. */
const boundProblem = (item: string, name: string, bounds: Bounds): string | null => {
  const bound = Object.hasOwn(bounds, name) ? bounds[name] : undefined;
  if (!BESIDE_NODE.test(item) && !SPOT.test(item))
    return 'bound is a share of a node’s price, and this is billed without a node; give the price';
  if (bound === undefined) return `bound is none of ${Object.keys(bounds).join(', ')}`;
  if (bound.share_of_node === undefined)
    return SPOT.test(item) ? null : 'bound is a share of an on-demand price, and this is no Spot price; give the price';
  return BESIDE_NODE.test(item) ? null : 'bound is a share of a node’s price, and this is part of it; give the price';
};

/** What is wrong with a row of the right form; null where it holds. */
const rowProblem = (row: PriceRow, bounds: Bounds): string | null => {
  const known = BUILT_IN.get(row.item);
  if (known === undefined)
    return `item is not the name of a price; the nearest name is ${nearest(row.item, [...BUILT_IN.keys()])}`;
  const unit = readUnit(row.unit);
  const of = readUnit(known.unit)?.of ?? known.unit;
  if (unit?.of !== of) return `unit is none of ${UNIT_TIMES.map((time) => `${of}-${time}`).join(', ')}`;
  if (row.usd === null) {
    if (row.bound === undefined) return 'usd is null; give the price, or a bound, or leave the row out';
    return boundProblem(row.item, row.bound, bounds);
  }
  if (row.bound !== undefined) return 'bound is for a price that is missing; set usd to null or leave the bound out';
  if (picoUsd(row.usd) === null) return `usd has more than ${PICO_DECIMALS} decimals; round it`;
  const per_hour = (row.usd * HOUR_MS) / unit.per_ms;
  if (per_hour > MOST_USD_PER_HOUR)
    return `usd is more than $${MOST_USD_PER_HOUR} an hour; give dollars (not cents) for one ${row.unit}`;
  return null;
};

const rowProblems = (rows: readonly PriceRow[], bounds: Bounds): readonly string[] => {
  const seen = new Set<string>();
  return rows.flatMap((row, i) => {
    const key = `${row.item} ${row.region}`;
    const problem = seen.has(key) ? `is there twice for region ${row.region}; leave one out` : rowProblem(row, bounds);
    seen.add(key);
    return problem === null ? [] : [`${rowName(i, row.item)}${problem.startsWith('is ') ? ' ' : ', '}${problem}.`];
  });
};

const parseJson = (source: string): { readonly given: unknown } | { readonly problem: string } => {
  try {
    return { given: JSON.parse(source.replace(/^\uFEFF/, '')) };
  } catch (error) {
    return { problem: `it is not JSON (${(error as Error).message}).` };
  }
};

const refused = (...problems: readonly string[]): ReadPriceFile => ({ ok: false, problems });

/** A user's own prices for a server of this region, or everything that is wrong with them, a sentence each. */
export const readPriceFile = (source: string, region: string): ReadPriceFile => {
  const parsed = parseJson(source);
  if ('problem' in parsed) return refused(parsed.problem);
  const read = OwnPrices.safeParse(parsed.given);
  if (!read.success) return refused(...formProblems(read.error, parsed.given));
  const { name, currency, bounds = {} } = read.data;
  const rows: readonly PriceRow[] = read.data.rows.map((row) => ({
    ...row,
    region: row.region ?? read.data.region ?? EVERY_REGION,
  }));
  const problems = rowProblems(rows, { ...PRICE_LIST.bounds, ...bounds });
  if (problems.length > 0) return refused(...problems);
  if (!rows.some((row) => holdsIn(row, region))) {
    return refused(`it has no row for ${region}, the region of this server (ONMEMOS_REGION).`);
  }
  return { ok: true, file: { name, currency, bounds, rows } };
};
