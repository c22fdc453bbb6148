import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTPUT_TIME_MS } from '#platform/protocol/bounds.ts';
import { beginOf, RunCursor, RunIndex, type StreamNumber } from './run-index.ts';

const BEGIN = 1_795_000_000_000;

interface Write {
  readonly stream: StreamNumber;
  readonly length: number;
  /** Milliseconds since the write before. */
  readonly pause: number;
}

/** The index of some writes, and a plain model of it: of each byte its stream, and its time by the rule for runs. */
const build = (writes: readonly Write[]) => {
  let time = BEGIN + (writes[0]?.pause ?? 0);
  const index = new RunIndex({ stream: writes[0]?.stream ?? 0, time });
  const bytes: { readonly stream: StreamNumber; readonly time: number; readonly read: number }[] = [];
  for (const [i, { stream, length, pause }] of writes.entries()) {
    if (i > 0) time += pause;
    index.add(stream, length, time);
    const last = bytes.at(-1);
    const goesOn = last !== undefined && last.stream === stream && time - last.time <= OUTPUT_TIME_MS;
    for (let n = 0; n < length; n++) bytes.push({ stream, time: goesOn ? last.time : time, read: time });
  }
  return { index, bytes };
};

const write = fc.record({
  stream: fc.constantFrom<StreamNumber>(0, 1),
  length: fc.integer({ min: 1, max: 300 }),
  pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 2 ** 40 })),
});
const someWrites = fc.array(write, { minLength: 1, maxLength: 30 });

describe('RunIndex', () => {
  it('says stream and time of every byte, from wherever one starts', () => {
    fc.assert(
      fc.property(someWrites, fc.nat(), (writes, start) => {
        const { index, bytes } = build(writes);
        const cursor = new RunCursor(index.start);
        const from = start % bytes.length;
        const seen = bytes.slice(from).map(({ read }, i) => ({ read, ...cursor.seek(index.encoded(), from + i) }));
        expect(seen.map(({ stream, time, read }) => ({ stream, time, read }))).toEqual(bytes.slice(from));
        expect(seen.every(({ read, time }) => read - time <= OUTPUT_TIME_MS)).toBe(true);
        const split = seen.filter(({ end, stream, time }) => {
          const next = end === null ? undefined : bytes[end];
          return next?.stream === stream && next.time === time;
        });
        expect(split).toEqual([]);
      }),
    );
  });

  it('finds the first byte that is not before a time', () => {
    fc.assert(
      fc.property(someWrites, fc.nat(), fc.integer({ min: -1, max: 1 }), (writes, which, more) => {
        const { index, bytes } = build(writes);
        const time = (bytes[which % bytes.length]?.time ?? 0) + more;
        const first = bytes.findIndex((byte) => byte.time >= time);
        expect(beginOf(time, index.encoded(), index.start)).toBe(first === -1 ? null : first);
      }),
    );
  });

  it('takes one byte for each single-byte run that is read at once, and two a little later', () => {
    const alternating = (pause: number) =>
      build(Array.from({ length: 10_000 }, (_, i) => ({ stream: (i % 2) as StreamNumber, length: 1, pause }))).index;
    expect(alternating(0).size).toBe(9_999);
    expect(alternating(9).size).toBe(2 * 9_999);
  });

  it('keeps what one stream prints at once in one run, and what it prints for long in few', () => {
    const printing = (pause: number) =>
      build(Array.from({ length: 1000 }, () => ({ stream: 0 as const, length: 100, pause }))).index.size;
    expect(printing(0)).toBe(0);
    // A line each millisecond: a run every 51 ms, of two bytes for its length and one for the time.
    expect(printing(1)).toBeLessThanOrEqual(20 * 4);
    // A line each second: a byte or two for its length, two for the time.
    expect(printing(1000)).toBe(999 * 4);
  });

  it('follows an index that grows under the cursor', () => {
    const index = new RunIndex({ stream: 1, time: BEGIN });
    index.add(1, 10, BEGIN);
    const cursor = new RunCursor(index.start);
    expect(cursor.seek(index.encoded(), 9)).toEqual({ stream: 1, time: BEGIN, end: null });
    index.add(1, 200, BEGIN + OUTPUT_TIME_MS);
    index.add(0, 5, BEGIN + 60);
    expect(cursor.seek(index.encoded(), 9)).toEqual({ stream: 1, time: BEGIN, end: 210 });
    expect(cursor.seek(index.encoded(), 210)).toEqual({ stream: 0, time: BEGIN + 60, end: null });
    index.add(0, 7, BEGIN + 111);
    expect(cursor.seek(index.encoded(), 214)).toEqual({ stream: 0, time: BEGIN + 60, end: 215 });
    expect(cursor.seek(index.encoded(), 215)).toEqual({ stream: 0, time: BEGIN + 111, end: null });
  });
});
