/** Money is whole nano-USD everywhere below the wire: integers add up exactly, whatever the order. */
const NANO = 1_000_000_000;

/** For the wire: nano-USD as a number of dollars. */
export const usd = (nano: number): number => nano / NANO;

/** The same, of an amount that may not be known. */
export const dollars = (nano: number | null): number | null => (nano === null ? null : usd(nano));

/** From the wire: dollars as nano-USD, rounded to the nearest. */
export const nanoUsd = (dollars: number): number => Math.round(dollars * NANO);

/** "$12.34", for sentences; small amounts keep the digits that tell them from nothing. */
export const formatUsd = (nano: number): string => {
  const dollars = usd(nano);
  return `$${dollars !== 0 && Math.abs(dollars) < 0.01 ? dollars.toPrecision(2) : dollars.toFixed(2)}`;
};
