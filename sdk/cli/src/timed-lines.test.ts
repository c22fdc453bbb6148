import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimedLines } from './timed-lines.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const chunk = (data: string, time: string | null = 'T') => ({ data: Buffer.from(data, 'latin1'), time });

/** What each byte of the output is, line by line, by a plain model. */
const model = (pieces: readonly Uint8Array[]): string => {
  let out = '';
  let begins = true;
  for (const [i, piece] of pieces.entries())
    for (const byte of piece) {
      out += `${begins ? `T${i} ` : ''}${String.fromCharCode(byte)}`;
      begins = byte === 0x0a;
    }
  return out;
};

describe('TimedLines', () => {
  it('puts the time of its first byte before each line, whatever the bytes and however they are cut', () => {
    const byte = fc.oneof(fc.constant(0x0a), fc.constant(0x0d), fc.integer({ min: 0, max: 255 }));
    const piece = fc.array(byte, { maxLength: 20 }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const lines = new TimedLines();
        const out = pieces.map((data, i) => text(lines.add({ data, time: `T${i}` })));
        for (const whole of out) expect(whole === '' || whole.endsWith('\n')).toBe(true);
        expect(out.join('') + text(lines.rest())).toBe(model(pieces));
      }),
    );
  });

  it('hands a long line on in pieces, with one time', () => {
    const lines = new TimedLines();
    const out = Array.from({ length: 30 }, () => text(lines.add(chunk('x'.repeat(10_000)))));
    expect(Math.max(...out.map(({ length }) => length))).toBeLessThan(80_000);
    expect(out.join('') + text(lines.add(chunk('\nnext\n', 'U')))).toBe(`T ${'x'.repeat(300_000)}\nU next\n`);
  });

  it('ends a line of which bytes are missing, and begins another', () => {
    const lines = new TimedLines();
    expect(text(lines.broken())).toBe('');
    expect(text(lines.add(chunk('whole\nhalf')))).toBe('T whole\n');
    expect(text(lines.broken())).toBe('T half\n');
    expect(text(lines.add(chunk('rest\n', 'U')))).toBe('U rest\n');
    lines.add(chunk('x'.repeat(70_000)));
    expect(text(lines.broken())).toBe('\n');
  });

  it('says that there are no times instead of printing none', () => {
    expect(() => new TimedLines().add(chunk('a\n', null))).toThrow(/not known.*keeper is of an earlier version/);
  });
});
