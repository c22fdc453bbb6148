/** Budgets and the ledger are by UTC month, written `2026-11`. Instants are epoch milliseconds. */
export interface MonthPart {
  readonly month: string;
  readonly from: number;
  readonly to: number;
}

export const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);

/** The first instant of the month after the one that holds `at`. */
export const nextMonth = (at: number): number => {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
};

/** An interval cut where months end, in order; none where it has no length. */
export const splitMonths = (from: number, to: number): readonly MonthPart[] => {
  const parts: MonthPart[] = [];
  for (let start = from; start < to; ) {
    const end = Math.min(to, nextMonth(start));
    parts.push({ month: monthOf(start), from: start, to: end });
    start = end;
  }
  return parts;
};

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** The last full hour, and the next one, of an instant; itself where it is one. */
export const hourBefore = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;
export const hourAfter = (at: number): number => Math.ceil(at / HOUR_MS) * HOUR_MS;

/** The last UTC midnight, and the next one, of an instant; itself where it is one. */
export const dayBefore = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;
export const dayAfter = (at: number): number => Math.ceil(at / DAY_MS) * DAY_MS;

export interface HourPart extends MonthPart {
  /** It ends at a full hour. */
  readonly full: boolean;
}

/** An interval cut at each full UTC hour, in order; none where it has no length. */
export const splitHours = (from: number, to: number): readonly HourPart[] => {
  const parts: HourPart[] = [];
  for (let start = from; start < to; ) {
    const end = hourBefore(start) + HOUR_MS;
    const until = Math.min(to, end);
    parts.push({ month: monthOf(start), from: start, to: until, full: until === end });
    start = until;
  }
  return parts;
};
