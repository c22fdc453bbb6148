const SIGNS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£' };

/**
 * An amount as people write it: two digits from a dollar on, down to a hundredth of a cent below. A missing
 * price is shown as unknown, never as nothing.
 */
export const formatMoney = (amount: number | null | undefined, currency = 'USD'): string => {
  if (amount === null || amount === undefined) return 'unknown';
  const sign = SIGNS[currency] ?? `${currency} `;
  const size = Math.abs(amount);
  const body =
    size === 0 ? '0.00' : size >= 1 ? size.toFixed(2) : size >= 0.0001 ? size.toFixed(4) : 'less than 0.0001';
  if (body.startsWith('less')) return body.replace('0.0001', `${sign}0.0001`);
  return `${amount < 0 ? '-' : ''}${sign}${body}`;
};

/** A cost in an answer. `exact` is null if a price is missing. Older servers give only `exact`. */
export interface Figure {
  readonly exact: number | null;
  readonly at_least: number | null;
  readonly at_most: number | null;
}

/** The figure with this name in an answer, with its lower and upper bound. */
export const figureOf = (answer: object, name: string): Figure => {
  const number = (key: string): number | null => {
    const value = (answer as Readonly<Record<string, unknown>>)[key];
    return typeof value === 'number' ? value : null;
  };
  return { exact: number(name), at_least: number(`at_least_${name}`), at_most: number(`at_most_${name}`) };
};

/** "$1.20", or "at least $3.67, at most $4.41" if a price is missing. `unit` follows each amount. */
export const formatFigure = ({ exact, at_least, at_most }: Figure, currency: string, unit = ''): string => {
  const amount = (value: number | null): string => `${formatMoney(value, currency)}${unit}`;
  if (exact !== null || at_least === null) return amount(exact);
  return `at least ${amount(at_least)}${at_most === null ? '' : `, at most ${amount(at_most)}`}`;
};
