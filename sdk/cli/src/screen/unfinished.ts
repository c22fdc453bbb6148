const ESC = 0x1b;
const NEWLINE = 0x0a;
/** Longer ones, such as images, are given up: the terminal shows nothing of them. */
const LONGEST = 4096;

/** Bytes as text, a character each, with pictures of the two control characters that matter here. */
const picture = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('latin1').replaceAll('\u001b', '␛').replaceAll('\u0007', '␇');

/**
 * An escape sequence that has begun and not ended: a string (OSC, DCS, APC, PM, SOS) before its BEL or ESC \, a control
 * sequence before its last letter, or a short one.
 */
const UNFINISHED = /␛(?:[\]PX^_][^␇␛]*␛?|\[[0-?]*[ -/]*|[ -/]*)$/;

/** The bytes at the end that begin a character without ending it. */
const cutCharacter = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
};

/** The end of some output that is no whole character or escape sequence yet: what comes next completes it. */
export const unfinished = (bytes: Uint8Array): Uint8Array => {
  const window = bytes.subarray(Math.max(0, bytes.length - LONGEST));
  const at = picture(window).search(UNFINISHED);
  const length = at >= 0 ? window.length - at : cutCharacter(bytes);
  return bytes.slice(bytes.length - length);
};

/** The first place in the middle of some output at which no escape sequence and no character is cut. */
export const safeStart = (bytes: Uint8Array): number => {
  const at = bytes.findIndex((byte) => byte === ESC || byte === NEWLINE);
  return at < 0 ? bytes.length : at;
};
