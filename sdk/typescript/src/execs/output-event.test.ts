import { describe, expect, it } from 'vitest';
import { Continuity, type OutputEvent, outputChunk } from './output-event.ts';

const encoder = new TextEncoder();
const chunk = (seq: number, text: string): OutputEvent => outputChunk(seq, 'stdout', encoder.encode(text));
const gap = (from: number, to: number): OutputEvent => ({ type: 'gap', from, to });
const taken = (from: number, ...events: OutputEvent[]): OutputEvent[] => {
  const order = new Continuity(from);
  return events.flatMap((event) => order.take(event));
};

describe('Continuity', () => {
  it('passes on what follows', () => {
    const events = [chunk(0, 'ab'), gap(2, 9), chunk(9, 'c')];
    expect(taken(0, ...events)).toEqual(events);
  });

  it('gives no byte twice', () => {
    expect(taken(0, chunk(0, 'abcd'), chunk(0, 'abcd'), chunk(2, 'cdef'))).toEqual([chunk(0, 'abcd'), chunk(4, 'ef')]);
    expect(taken(5, gap(0, 3), gap(0, 8))).toEqual([gap(5, 8)]);
  });

  it('says what is left out where nobody did', () => {
    expect(taken(0, chunk(0, 'ab'), chunk(5, 'f'))).toEqual([chunk(0, 'ab'), gap(2, 5), chunk(5, 'f')]);
  });

  it('begins where the first event is, where the server chooses that, and joins over nothing behind it', () => {
    const order = new Continuity(2, { anywhere: true });
    expect([chunk(5, 'ab'), chunk(9, 'c')].flatMap((event) => order.take(event))).toEqual([
      chunk(5, 'ab'),
      gap(7, 9),
      chunk(9, 'c'),
    ]);
    const dropped = new Continuity(2, { anywhere: true });
    expect([gap(2, 5), chunk(5, 'ab')].flatMap((event) => dropped.take(event))).toEqual([gap(2, 5), chunk(5, 'ab')]);
  });

  it('tells of each chunk where it ends, of one that was cut at its beginning, too', () => {
    expect(taken(3, chunk(0, 'abcdef'), chunk(6, 'é')).map((event) => event.type === 'chunk' && event.end)).toEqual([
      6, 8,
    ]);
  });
});
