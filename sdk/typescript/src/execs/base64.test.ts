import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from './base64.ts';

describe('base64', () => {
  it('is the same as the platform’s, for all lengths and all bytes', () => {
    for (const length of [0, 1, 2, 3, 255, 8_192, 8_193, 100_000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) % 256);
      const text = Buffer.from(bytes).toString('base64');
      expect(toBase64(bytes)).toBe(text);
      expect(Buffer.from(fromBase64(text)).equals(bytes)).toBe(true);
    }
  });

  it('reads it where the platform has no own way', () => {
    const holder = Uint8Array as { fromBase64?: unknown };
    const own = holder.fromBase64;
    holder.fromBase64 = undefined;
    try {
      expect([...fromBase64('AP+A')]).toEqual([0, 255, 128]);
    } finally {
      holder.fromBase64 = own;
    }
  });
});
