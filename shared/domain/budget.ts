import { formatExcess } from './money.ts';
import { monthOf, nextMonth, splitMonths } from './months.ts';
import type { Plan } from './plan.ts';
import type { PriceTable } from './prices.ts';
import { unboundedPrices, upperBoundNanoUsd } from './pricing.ts';
import type { BilledStorage } from './storage-pricing.ts';
import { storageUpperBound } from './storage-pricing.ts';

/** One UTC month of an owner's money, nano-USD. */
export interface Month {
  readonly spent: number;
  readonly reserved: number;
  /** Of `reserved`, what storage holds. */
  readonly storage_reserved: number;
  /**
   * The most that the provider may have charged beyond `spent`: of missing prices with a bound, for the time that
   * sessions really ran. Absent: nothing.
   */
  readonly unpriced?: number;
  /** The highest share of the budget, in percent, that its owner was told of. Absent: none. */
  readonly noticed?: number;
}

export type Months = Readonly<Record<string, Month>>;
/** What one session, volume or bucket has reserved of each month, nano-USD. */
export type Reservation = Readonly<Record<string, number>>;

export interface Budget {
  /** Per month; null: none. */
  readonly limit_nano: number | null;
  readonly action: 'refuse' | 'terminate';
}

/** Sessions are reserved a little past their end, as the provider's record may end a little later. */
export const RESERVED_PAST_END_MS = 60_000;
/** The provider's clock may be behind ours: near a month's end a run may start this much earlier, in the month before. */
const RESERVED_BEFORE_MS = 60_000;

const EMPTY: Month = { spent: 0, reserved: 0, storage_reserved: 0 };
const unpricedIn = ({ unpriced = 0 }: Month): number => unpriced;
export const monthIn = (months: Months, month: string): Month => months[month] ?? EMPTY;

/** Whether creates and extensions reserve. Under `terminate` only spent money counts. */
export const reserves = (budget: Budget): boolean => budget.limit_nano !== null && budget.action === 'refuse';

/**
 * What a session can cost from `from` to a minute past `expires_at`, by month; a missing price counts as much as its
 * bound allows. Never less than what the meter will bill in each month, whenever in that time the provider starts: so each part bears the minimum, until some of the
 * run is billed. Within one month the minute past the end also covers a start that the provider's clock sees earlier;
 * where a month ends in between, the month of the start bears a minute of its own.
 */
export const sessionReservation = (asked: {
  readonly plan: Plan;
  /** From where nothing is billed: up to where the ledger has the session, else its start, else its creation. */
  readonly from: number;
  readonly expires_at: number;
  readonly billed: boolean;
  readonly table: PriceTable;
}): Reservation => {
  const end = asked.expires_at + RESERVED_PAST_END_MS;
  const early = asked.from - RESERVED_BEFORE_MS;
  const parts = splitMonths(!asked.billed && monthOf(early) !== monthOf(end) ? early : asked.from, end);
  const entries = parts.map(({ month, from, to }) => {
    return [month, upperBoundNanoUsd(asked.plan, to - from, !asked.billed, asked.table)] as const;
  });
  return Object.fromEntries(entries.filter(([, nano]) => nano > 0));
};

/** What a volume or bucket costs from `from` to the end of that month: reserved anew each month. */
export const storageReservation = (storage: BilledStorage, from: number, table: PriceTable): Reservation => {
  const nano = storageUpperBound(storage, nextMonth(from) - from, table);
  return nano > 0 ? { [monthOf(from)]: nano } : {};
};

const shift = (months: Months, changes: Reservation, sign: 1 | -1, kind: 'session' | 'storage'): Months => {
  const after: Record<string, Month> = { ...months };
  for (const [month, nano] of Object.entries(changes)) {
    const now = monthIn(after, month);
    const reserved = now.reserved + sign * nano;
    const storage_reserved = now.storage_reserved + (kind === 'storage' ? sign * nano : 0);
    after[month] = { ...now, reserved, storage_reserved };
  }
  return after;
};

/** Replaces a reservation without checking the budget: for storage, and for a shorter time to live. */
export const replaceReservation = (
  months: Months,
  before: Reservation,
  after: Reservation,
  kind: 'session' | 'storage',
): Months => shift(shift(months, before, -1, kind), after, 1, kind);

/** Gives all of a reservation back: its session or storage is gone and billed to the end. */
export const release = (months: Months, held: Reservation, kind: 'session' | 'storage'): Months =>
  shift(months, held, -1, kind);

/** What was reserved between two states of the months. */
export const reservedSince = (before: Months, after: Months): Reservation =>
  Object.fromEntries(
    Object.keys(after).flatMap((month) => {
      const more = monthIn(after, month).reserved - monthIn(before, month).reserved;
      return more === 0 ? [] : [[month, more]];
    }),
  );

export type BudgetVerdict =
  | { readonly ok: true; readonly months: Months; readonly reservation: Reservation }
  | { readonly ok: false; readonly code: 'budget_exceeded'; readonly message: string };

const ADVICE: Readonly<Record<Change, string>> = {
  create: 'Ask for another provider or size',
  raise: 'Create another session of a provider or size that has prices',
  keep: 'Ask for another provider or size',
};

const exceeded = (message: string): BudgetVerdict => ({ ok: false, code: 'budget_exceeded', message });

/**
 * What is asked of a budget: a new session; a change that lets one cost more than it was to (a later end, or a machine
 * without a price in the place of one that has a price); or any other change.
 */
type Change = 'create' | 'raise' | 'keep';

/**
 * Whether a session may be created (nothing held yet) or changed, and the months with what it then holds. Under
 * `refuse`, spent + unpriced + reserved never passes the budget by a session. A create and a raise need an upper bound for each
 * price; what holds no more than before is always allowed. A session that was live before its owner had the budget is
 * kept even where it has no bound: only a raise is refused.
 */
export const decideBudget = (asked: {
  readonly budget: Budget;
  readonly months: Months;
  readonly now: number;
  readonly held: Reservation;
  readonly wanted: Reservation;
  /** What the same request has reserved for its storage; in `months` already. */
  readonly storage?: Reservation;
  readonly plan: Plan;
  readonly change: Change;
  readonly table: PriceTable;
}): BudgetVerdict => {
  const { budget, months, held, wanted, change } = asked;
  const create = change === 'create';
  const limit = budget.limit_nano;
  if (limit === null) return { ok: true, months, reservation: held };
  if (budget.action === 'terminate') {
    const { spent } = monthIn(months, monthOf(asked.now));
    if (!create || spent < limit) return { ok: true, months, reservation: held };
    const says = formatExcess(limit, [spent]);
    return exceeded(`The budget of ${says.limit} for ${monthOf(asked.now)} is used up: ${says.parts[0]} is spent.`);
  }
  const unbounded = change === 'keep' ? [] : unboundedPrices(asked.plan, asked.table);
  if (unbounded.length > 0) {
    return exceeded(
      `The budget can’t be kept: the price table has neither a price nor an upper bound for ${unbounded.join(', ')}. ` +
        `${ADVICE[change]}, or give these prices to the server (ONMEMOS_PRICES_FILE).`,
    );
  }
  const watched = create ? new Set([monthOf(asked.now), ...Object.keys(wanted)]) : new Set(Object.keys(wanted));
  for (const month of watched) {
    const now = monthIn(months, month);
    const had = held[month] ?? 0;
    const wants = wanted[month] ?? 0;
    const unpriced = unpricedIn(now);
    const total = now.spent + unpriced + now.reserved - had + wants;
    if (total > limit && (create || wants > had)) {
      const stored = asked.storage?.[month] ?? 0;
      const says = formatExcess(limit, [now.spent, now.reserved - had - stored, wants, stored, unpriced]);
      const [spent, reserved, needed, storage, more] = says.parts;
      const used =
        unpriced === 0 ? `${spent} is spent` : `${spent} is spent, up to ${more} more at prices that are not known`;
      const needs =
        stored === 0
          ? `this needs ${needed}`
          : `the session needs ${needed} and its new storage ${storage} until the month ends`;
      return exceeded(
        `The budget of ${says.limit} for ${month} is not enough: ${used}, ${reserved} is reserved and ${needs}.`,
      );
    }
  }
  return { ok: true, months: replaceReservation(months, held, wanted, 'session'), reservation: wanted };
};

/** A month with more spent and more unpriced, or less. */
const used = ({ unpriced: before = 0, ...month }: Month, nano: number, more: number): Month => {
  const unpriced = before + more;
  return { ...month, spent: month.spent + nano, ...(unpriced === 0 ? {} : { unpriced }) };
};

/**
 * What the meter bills (nano-USD by month; negative where a correction gives back) moves from reserved to spent, and
 * what it could not price from reserved to unpriced. Money that was not reserved also counts, because the provider
 * charges it.
 */
export const settle = (
  months: Months,
  held: Reservation,
  billed: Readonly<Record<string, number>>,
  kind: 'session' | 'storage',
  unpriced: Readonly<Record<string, number>> = {},
): { readonly months: Months; readonly reservation: Reservation } => {
  const taken: Record<string, number> = {};
  const left: Record<string, number> = { ...held };
  const spent: Record<string, Month> = { ...months };
  for (const [month, nano] of Object.entries(billed)) {
    const had = held[month] ?? 0;
    const more = unpriced[month] ?? 0;
    const take = Math.max(0, Math.min(nano + more, had));
    taken[month] = take;
    if (had - take > 0) left[month] = had - take;
    else delete left[month];
    spent[month] = used(monthIn(spent, month), nano, more);
  }
  return { months: shift(spent, taken, -1, kind), reservation: left };
};

/** Under `terminate`: whether live sessions are to be ended now. */
export const mustTerminate = (budget: Budget, months: Months, now: number): boolean =>
  budget.action === 'terminate' &&
  budget.limit_nano !== null &&
  monthIn(months, monthOf(now)).spent >= budget.limit_nano;
