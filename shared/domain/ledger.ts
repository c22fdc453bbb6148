import { monthOf, splitHours } from './months.ts';
import type { Plan } from './plan.ts';
import type { PriceTable } from './prices.ts';
import { costBetween, missingPrices } from './pricing.ts';
import type { BilledStorage } from './storage-pricing.ts';
import { missingStoragePrices, storageCost } from './storage-pricing.ts';

/** One entry of the ledger. It is never edited: a `correction` gives back what was billed too much. */
export interface Segment {
  readonly id: string;
  readonly kind: 'compute' | 'storage' | 'correction';
  readonly n: number;
  readonly month: string;
  readonly from: string;
  readonly to: string;
  /** Negative in a correction. */
  readonly milliseconds: number;
  /** The known part. Missing prices are not billed. */
  readonly nano_usd: number;
  readonly price_table: string;
  readonly price_list: string;
  readonly missing_prices: readonly string[];
}

/** Deterministic, so that the same segment written twice is one. `of` is a session or a piece of storage. */
const segmentId = (of: string, n: number): string => `${of}:${n}`;

/** How far something is billed, and how much of that the ledger has. Instants are epoch milliseconds. */
export interface Run {
  /** A session's id, or a storage id with the instant at which it was made. */
  readonly of: string;
  /** When it started by the provider's record. */
  readonly origin: number;
  readonly metered_until: number;
  /** Up to where the ledger has segments: a full hour, or where it started or ended. */
  readonly ledgered_until: number;
  /** Billed, and not yet in the ledger. */
  readonly open_nano: number;
  /** Billed in all, `open_nano` included. */
  readonly billed_nano: number;
  /** How many segments there are: the number of the next. */
  readonly segments: number;
  /** The most that the provider may have charged beyond what is billed, by UTC month: of missing prices with a bound. */
  readonly unpriced: Amounts;
}

/** Nano-USD by UTC month. */
type Amounts = Readonly<Record<string, number>>;

type Price = (from_ms: number, to_ms: number) => number;

/** What it is billed by. */
export interface Tariff {
  readonly kind: 'compute' | 'storage';
  /** Nano-USD between two instants, given in milliseconds since the start. Adjoining intervals add up exactly. */
  readonly price: Price;
  /** The most that missing prices add to it. Nothing where one of them has no bound: then it is not known. */
  readonly unpriced: Price;
  readonly missing_prices: readonly string[];
  readonly table: PriceTable;
}

export interface Billed {
  readonly run: Run;
  /** For the ledger: at most one for each hour begun, plus what corrects earlier ones. */
  readonly segments: readonly Segment[];
  /** The amount billed now by UTC month, nano-USD; negative if something is given back. */
  readonly months: Amounts;
  readonly nano_usd: number;
}

export const computeTariff = (plan: Plan, table: PriceTable): Tariff => ({
  kind: 'compute',
  price: (from, to) => costBetween(plan, from, to, table).at_least,
  unpriced: (from, to) => {
    const { at_least, at_most } = costBetween(plan, from, to, table);
    return at_most === null ? 0 : at_most - at_least;
  },
  missing_prices: missingPrices(plan, table),
  table,
});

export const storageTariff = (storage: BilledStorage, table: PriceTable): Tariff => ({
  kind: 'storage',
  price: (from, to) => storageCost(storage, from, to, table).total,
  // No price of storage has a bound.
  unpriced: () => 0,
  missing_prices: missingStoragePrices(storage, table),
  table,
});

type Stretch = readonly [from: number, to: number];

/** One bill in the making. */
class Bill {
  readonly #tariff: Tariff;
  readonly #segments: Segment[] = [];
  readonly #months: Record<string, number> = {};
  #run: Run;
  #nano = 0;

  constructor(run: Run, tariff: Tariff) {
    this.#run = run;
    this.#tariff = tariff;
  }

  get billed(): Billed {
    return { run: this.#run, segments: this.#segments, months: this.#months, nano_usd: this.#nano };
  }

  /** Bills up to `to`. Hours that are over are written to the ledger. */
  forward(to: number): void {
    for (const { month, from, to: until, full } of splitHours(this.#run.metered_until, to)) {
      const [start, end] = [from - this.#run.origin, until - this.#run.origin];
      this.#add(month, this.#tariff.price(start, end));
      this.#owe(month, this.#tariff.unpriced(start, end));
      this.#run = { ...this.#run, metered_until: until };
      if (full) this.close();
    }
  }

  /** Takes back what is billed past `to` and not in the ledger. */
  reopen(to: number): void {
    const { metered_until, ledgered_until, open_nano } = this.#run;
    const reached = Math.max(to, ledgered_until);
    if (reached >= metered_until) return;
    const { price } = this.#tariff;
    const back = this.#share(price, open_nano, [ledgered_until, metered_until], [reached, metered_until]);
    this.#add(monthOf(ledgered_until), 0 - back);
    this.#owe(monthOf(ledgered_until), 0 - this.#unpriced([reached, metered_until], this.#run));
    this.#run = { ...this.#run, metered_until: reached };
  }

  /** Gives back what the ledger has past `to`. */
  correct(to: number): void {
    const whole = this.#run;
    const { origin, ledgered_until, billed_nano, open_nano } = whole;
    const ledgered = billed_nano - open_nano;
    for (const { month, from, to: until } of splitHours(to, ledgered_until)) {
      const nano = 0 - this.#share(this.#tariff.price, ledgered, [origin, ledgered_until], [from, until]);
      this.#push('correction', from, until, nano);
      this.#add(month, nano, 0);
      this.#owe(month, 0 - this.#unpriced([from, until], whole));
    }
    if (to < ledgered_until) this.#run = { ...this.#run, metered_until: to, ledgered_until: to };
  }

  /**
   * What a part of a stretch was billed. Where the prices are those by which the stretch was billed, exactly that; where
   * they have changed since, its share of what was billed.
   */
  #share(price: Price, billed: number, [from, to]: Stretch, [start, end]: Stretch): number {
    const { origin } = this.#run;
    const whole = price(from - origin, to - origin);
    const part = price(start - origin, end - origin);
    if (whole === billed) return part;
    return Math.round(billed * (whole > 0 ? part / whole : (end - start) / (to - from)));
  }

  /** Of what was unpriced in all of `run`, what a part of it was. */
  #unpriced(part: Stretch, { unpriced, origin, metered_until }: Run): number {
    const sum = Object.values(unpriced).reduce((total, nano) => total + nano, 0);
    return sum === 0 ? 0 : this.#share(this.#tariff.unpriced, sum, [origin, metered_until], part);
  }

  /** No month comes to less than nothing. */
  #owe(month: string, nano: number): void {
    const { [month]: before = 0, ...others } = this.#run.unpriced;
    const after = Math.max(0, before + nano);
    this.#run = { ...this.#run, unpriced: after > 0 ? { ...others, [month]: after } : others };
  }

  /** Puts what is billed into the ledger. */
  close(): void {
    const { ledgered_until, metered_until, open_nano } = this.#run;
    if (metered_until > ledgered_until) this.#push(this.#tariff.kind, ledgered_until, metered_until, open_nano);
    this.#run = { ...this.#run, ledgered_until: metered_until, open_nano: 0 };
  }

  #add(month: string, nano: number, open = nano): void {
    this.#nano += nano;
    this.#months[month] = (this.#months[month] ?? 0) + nano;
    const { open_nano, billed_nano } = this.#run;
    this.#run = { ...this.#run, open_nano: open_nano + open, billed_nano: billed_nano + nano };
  }

  #push(kind: Segment['kind'], from: number, to: number, nano_usd: number): void {
    const { table, missing_prices } = this.#tariff;
    const { of, segments: n } = this.#run;
    this.#segments.push({
      id: segmentId(of, n),
      kind,
      n,
      month: monthOf(from),
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      milliseconds: kind === 'correction' ? from - to : to - from,
      nano_usd,
      price_table: table.version,
      price_list: table.name,
      missing_prices,
    });
    this.#run = { ...this.#run, segments: n + 1 };
  }
}

/**
 * Bills a run forward to where its provider was last seen running it. If that is before the billed time, nothing is
 * given back.
 */
export const billForward = (run: Run, to: number, tariff: Tariff): Billed => {
  const bill = new Bill(run, tariff);
  if (to > run.metered_until) bill.forward(to);
  return bill.billed;
};

/**
 * Brings the ledger to the end that the final record names, forward or back: with it the sum of all segments is what
 * one bill of the whole run would have been.
 */
export const billToEnd = (run: Run, end: number, tariff: Tariff): Billed => {
  const bill = new Bill(run, tariff);
  const to = Math.max(end, run.origin);
  if (to >= run.metered_until) bill.forward(to);
  else {
    bill.reopen(to);
    bill.correct(to);
  }
  bill.close();
  return bill.billed;
};
