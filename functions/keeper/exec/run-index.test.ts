import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunCursor, RunIndex, type StreamNumber } from './run-index.ts';

const build = (writes: readonly { stream: StreamNumber; length: number }[]) => {
  const index = new RunIndex(writes[0]?.stream ?? 0);
  const streams: StreamNumber[] = [];
  for (const { stream, length } of writes) {
    index.add(stream, length);
    for (let i = 0; i < length; i++) streams.push(stream);
  }
  return { index, streams };
};

const write = fc.record({ stream: fc.constantFrom<StreamNumber>(0, 1), length: fc.integer({ min: 1, max: 300 }) });

describe('RunIndex', () => {
  it('says the stream of every byte, from wherever one starts', () => {
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 30 }), fc.nat(), (writes, start) => {
        const { index, streams } = build(writes);
        const from = start % streams.length;
        const cursor = new RunCursor(index.first);
        for (let offset = from; offset < streams.length; offset++) {
          const run = cursor.seek(index.encoded(), offset);
          expect(run.stream).toBe(streams[offset]);
          if (run.end !== null) expect(streams[run.end]).not.toBe(run.stream);
        }
      }),
    );
  });

  it('takes one byte for each single-byte run', () => {
    const { index } = build(Array.from({ length: 10_000 }, (_, i) => ({ stream: (i % 2) as StreamNumber, length: 1 })));
    expect(index.size).toBe(9_999);
  });

  it('follows an index that grows under the cursor', () => {
    const index = new RunIndex(1);
    index.add(1, 10);
    const cursor = new RunCursor(1);
    expect(cursor.seek(index.encoded(), 9)).toEqual({ stream: 1, end: null });
    index.add(1, 200);
    index.add(0, 5);
    expect(cursor.seek(index.encoded(), 9)).toEqual({ stream: 1, end: 210 });
    expect(cursor.seek(index.encoded(), 210)).toEqual({ stream: 0, end: null });
  });
});
