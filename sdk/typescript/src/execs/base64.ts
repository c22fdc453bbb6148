interface FromBase64 {
  readonly fromBase64?: (text: string) => Uint8Array;
}

/** The bytes of base64 text. */
export const fromBase64 = (text: string): Uint8Array => {
  const own = (Uint8Array as FromBase64).fromBase64;
  if (own) return own.call(Uint8Array, text);
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
};

/** Arguments that one call of a function may have on every platform. */
const AT_ONCE = 8_192;

/** Bytes as base64 text. */
export const toBase64 = (bytes: Uint8Array): string => {
  let characters = '';
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    characters += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  }
  return btoa(characters);
};
