import { describe, expect, it } from 'vitest';
import { sseDecoder } from './sse.ts';

const encoder = new TextEncoder();
const STREAM =
  ':\n\nid: 3\nevent: chunk\ndata: {"data":"ä\u2028"}\n\nevent: gap\r\ndata:1\r\ndata: 2\r\n\r\ndata: last\n\n';
const EVENTS = [
  { event: 'chunk', data: '{"data":"ä\u2028"}' },
  { event: 'gap', data: '1\n2' },
  { event: 'message', data: 'last' },
];

describe('sseDecoder', () => {
  it('finds the same events however the bytes are cut', () => {
    const bytes = encoder.encode(STREAM);
    for (const step of [1, 2, 3, 10, bytes.length]) {
      const decode = sseDecoder();
      const found = [];
      for (let at = 0; at < bytes.length; at += step) found.push(...decode(bytes.subarray(at, at + step)));
      expect(found).toEqual(EVENTS);
    }
  });

  it('gives no event that has not ended, and none without data', () => {
    const decode = sseDecoder();
    expect(decode(encoder.encode('event: chunk\n\nevent: chunk\ndata: {"se'))).toEqual([]);
    expect(decode(encoder.encode('q":0}\n'))).toEqual([]);
    expect(decode(encoder.encode('\n'))).toEqual([{ event: 'chunk', data: '{"seq":0}' }]);
  });
});
