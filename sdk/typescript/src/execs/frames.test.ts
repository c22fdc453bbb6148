import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, frameDecoder } from './frames.ts';

interface Vectors {
  readonly frames: readonly { readonly name: string; readonly frame: VectorFrame; readonly bytes: string }[];
  readonly skipped: readonly { readonly name: string; readonly bytes: string }[];
  readonly refused: readonly { readonly name: string; readonly bytes: string }[];
}
interface VectorFrame {
  readonly type: number;
  readonly header: Record<string, unknown>;
  readonly data: string;
}

const vectors = JSON.parse(readFileSync('test/vectors/protocol.json', 'utf8')) as Vectors;
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const readable = ({ type, header, data }: Frame): VectorFrame => ({
  type,
  header,
  data: Buffer.from(data).toString('hex'),
});
const all = Buffer.concat(vectors.frames.map((vector) => bytes(vector.bytes)));

describe('frames', () => {
  it.each(vectors.frames)('decodes and encodes: $name', ({ frame, bytes: hex }) => {
    expect(frameDecoder()(bytes(hex)).map(readable)).toEqual([frame]);
    const encoded = encodeFrame(frame.type, frame.header, bytes(frame.data));
    expect(frameDecoder()(encoded).map(readable)).toEqual([frame]);
  });

  it.each(vectors.skipped)('skips: $name', ({ bytes: hex }) => {
    const decode = frameDecoder();
    expect(decode(bytes(hex))).toEqual([]);
    expect(decode(all).length).toBe(vectors.frames.length);
  });

  it.each(vectors.refused)('refuses: $name', ({ bytes: hex }) => {
    expect(() => frameDecoder()(Buffer.concat([bytes(hex), Buffer.alloc(16)]))).toThrow();
  });

  it('finds the same frames however the stream is cut', () => {
    const frames = vectors.frames.map(({ frame }) => frame);
    for (const step of [1, 2, 7, 64, 1000, all.length]) {
      const decode = frameDecoder();
      const found: VectorFrame[] = [];
      for (let at = 0; at < all.length; at += step) found.push(...decode(all.subarray(at, at + step)).map(readable));
      expect(found).toEqual(frames);
    }
  });
});
