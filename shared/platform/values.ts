/** What people type: each kind of value is brought into form, or refused as null. test/vectors/values.json has examples. */

/** Blanks, line ends, and invisible characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern must find control characters
const NO_ADDRESS = /[\s\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff*]/;

/** The address of a server, in lower case and without a slash at its end, or a query, or a user. */
export const addressOf = (text: string): string | null => {
  const trimmed = text.trim();
  if (NO_ADDRESS.test(trimmed) || /[?#]/.test(trimmed)) return null;
  const url = URL.parse(trimmed);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
};

/** An origin as browsers send it: an address without a path. */
export const originOf = (text: string): string | null => {
  const address = addressOf(text);
  return address !== null && address === new URL(address).origin ? address : null;
};
