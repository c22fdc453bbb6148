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
