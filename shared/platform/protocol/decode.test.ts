import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameDecoder } from './decode.ts';
import { encodeFrame } from './encode.ts';
import { FRAME, type Frame, isFrameType, ProtocolError } from './frames.ts';

interface Vectors {
  readonly frames: readonly {
    name: string;
    frame: { type: number; header: Record<string, unknown>; data: string };
    bytes: string;
  }[];
  readonly skipped: readonly { name: string; bytes: string }[];
  readonly refused: readonly { name: string; bytes: string }[];
}
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/vectors/protocol.json'), 'utf8'),
) as Vectors;

const plain = (frame: Frame) => ({
  type: frame.type,
  header: frame.header,
  data: Buffer.concat(frame.data).toString('hex'),
});

describe('protocol vectors', () => {
  it.each(vectors.frames)('$name', ({ frame, bytes }) => {
    expect(new FrameDecoder().push(Buffer.from(bytes, 'hex')).map(plain)).toEqual([frame]);
    if (!isFrameType(frame.type)) throw new Error('the vector has an unknown type');
    const data = Buffer.from(frame.data, 'hex');
    expect(encodeFrame(frame.type, frame.header, data).toString('hex')).toBe(bytes);
  });

  it.each(vectors.skipped)('skips: $name', ({ bytes }) => {
    const next = encodeFrame(FRAME.cancel, { ch: 1 });
    const frames = new FrameDecoder().push(Buffer.concat([Buffer.from(bytes, 'hex'), next]));
    expect(frames.map(plain)).toEqual([{ type: FRAME.cancel, header: { ch: 1 }, data: '' }]);
  });

  it.each(vectors.refused)('refuses: $name', ({ bytes }) => {
    expect(() => new FrameDecoder().push(Buffer.from(bytes, 'hex'))).toThrow(ProtocolError);
  });

  it('has one for every type of frame', () => {
    const seen = new Set(vectors.frames.map(({ frame }) => frame.type));
    expect([...seen].sort((a, b) => a - b)).toEqual(Object.values(FRAME).sort((a, b) => a - b));
  });
});

describe('FrameDecoder', () => {
  it('gives the same frames for every way to cut the stream', () => {
    const stream = Buffer.from([...vectors.frames, ...vectors.skipped].map(({ bytes }) => bytes).join(''), 'hex');
    const whole = new FrameDecoder().push(stream).map(plain);
    expect(whole).toHaveLength(vectors.frames.length);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 200 }), (cuts) => {
        const decoder = new FrameDecoder();
        const frames: Frame[] = [];
        let at = 0;
        for (let i = 0; at < stream.byteLength; i++) {
          const size = cuts[i % cuts.length] ?? 1;
          frames.push(...decoder.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(frames.map(plain)).toEqual(whole);
      }),
    );
  });

  it('returns raw bytes without copying them', () => {
    const bytes = encodeFrame(FRAME.chunk, { ch: 1, seq: 0, stream: 'stdout' }, Buffer.alloc(1000, 1));
    const [frame] = new FrameDecoder().push(bytes);
    expect(frame?.data[0]?.buffer).toBe(bytes.buffer);
  });
});
