/** Money is whole nano-USD everywhere below the wire: integers add up exactly, whatever the order. */
const NANO = 1_000_000_000;

/** For the wire: nano-USD as a number of dollars. */
export const usd = (nano: number): number => nano / NANO;

/** The same for an amount that may be missing. */
export const dollars = (nano: number | null): number | null => (nano === null ? null : usd(nano));

/** From the wire: dollars as nano-USD, rounded to the nearest. */
export const nanoUsd = (dollars: number): number => Math.round(dollars * NANO);

/** In the unit of the last decimal. */
const rounded = (nano: number, decimals: number): number => Math.round((nano * 10 ** decimals) / NANO);

/** "$12.34", for sentences: with cents, or with as many more decimals as show that it is more than nothing. */
export const formatUsd = (nano: number): string => {
  let decimals = 2;
  while (decimals < 9 && nano !== 0 && rounded(nano, decimals) === 0) decimals += 1;
  return withDecimals(nano, decimals);
};

const withDecimals = (nano: number, decimals: number): string =>
  `$${(rounded(nano, decimals) / 10 ** decimals).toFixed(nano === 0 ? 2 : decimals)}`;

/**
 * A limit and the amounts that reach or pass it, for a sentence: with cents, or with as many more decimals as a reader needs
 * to see that they do.
 */
export const formatExcess = (limit: number, parts: readonly number[]): { limit: string; parts: string[] } => {
  const reaches = parts.reduce((sum, part) => sum + part, 0) === limit;
  const shows = (decimals: number): boolean => {
    const least = rounded(limit, decimals);
    const sum = parts.reduce((total, part) => total + rounded(part, decimals), 0);
    return (least > 0 || limit === 0) && (reaches ? sum === least : sum > least);
  };
  let decimals = 2;
  while (decimals < 9 && !shows(decimals)) decimals += 1;
  return { limit: withDecimals(limit, decimals), parts: parts.map((part) => withDecimals(part, decimals)) };
};
