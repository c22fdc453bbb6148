import { describe, expect, it } from 'vitest';
import vectors from '../../../../test/vectors/sse.json' with { type: 'json' };
import { sseDecoder } from './sse.ts';

describe('sseDecoder', () => {
  it.each(vectors.streams)('$name, however the bytes are cut', ({ text, events, retry }) => {
    const bytes = new TextEncoder().encode(text);
    for (let step = 1; step <= bytes.length; step++) {
      let asked: number | null = null;
      const decode = sseDecoder((ms) => {
        asked = ms;
      });
      const found = [];
      for (let at = 0; at < bytes.length; at += step) found.push(...decode(bytes.subarray(at, at + step)));
      expect(found.map(({ event, data }) => [event, data])).toEqual(events);
      expect(asked).toBe(retry);
    }
  });
});
