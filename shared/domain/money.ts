/** Money is whole nano-USD inside (2^53 of them are nine million dollars) and USD at the wire. */
export const usd = (nano: number): number => nano / 1e9;
export const nanoUsd = (dollars: number): number => Math.round(dollars * 1e9);
