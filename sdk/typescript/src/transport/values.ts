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

/** A key in one piece, without blanks and line ends around it. */
export const keyOf = (text: string): string | null => {
  const trimmed = text.trim();
  return /^[\x21-\x7e]+$/.test(trimmed) ? trimmed : null;
};

const LONGEST_USER = 128;

/** A user's name in one spelling (NFC), without blanks around it. */
export const userOf = (text: string): string | null => {
  const name = text.trim().normalize('NFC');
  const refused = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}/]|^\.{0,2}$/u.test(name) || [...name].length > LONGEST_USER;
  return refused ? null : name;
};
