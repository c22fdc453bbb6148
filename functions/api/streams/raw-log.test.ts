import { describe, expect, it } from 'vitest';
import type { ExecState, OutputEvent } from '#ports/exec.ts';
import { firstOffset, rawEncoder } from './raw-log.ts';

const chunk = (seq: number, text: string): OutputEvent => ({
  type: 'chunk',
  seq,
  stream: 'stdout',
  time: null,
  data: Buffer.from(text),
});
const exit: OutputEvent = { type: 'exit', exec: {} as ExecState };
async function* list(...events: OutputEvent[]): AsyncGenerator<OutputEvent> {
  yield* events;
}
const all = async (events: AsyncIterable<OutputEvent>): Promise<OutputEvent[]> => {
  const found: OutputEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
};

describe('rawEncoder', () => {
  it('sends bytes unchanged and ends at the exit', () => {
    const encode = rawEncoder(0);
    const first = chunk(0, 'abc');
    expect(first.type === 'chunk' && encode(first) === first.data).toBe(true);
    expect(encode(exit)).toBe('end');
  });

  it('breaks the connection at a gap and at bytes that do not follow', () => {
    const atGap = rawEncoder(0);
    atGap(chunk(0, 'abc'));
    expect(atGap({ type: 'gap', from: 3, to: 9 })).toBe('break');
    const atJump = rawEncoder(0);
    atJump(chunk(0, 'abc'));
    expect(atJump(chunk(4, 'x'))).toBe('break');
  });

  it('skips the gap that its header has already named', () => {
    const encode = rawEncoder(9);
    expect(encode({ type: 'gap', from: 0, to: 9 })).toBe('skip');
    expect(Buffer.from(encode(chunk(9, 'x')) as Uint8Array).toString()).toBe('x');
  });
});

describe('firstOffset', () => {
  it('is the oldest kept byte if older ones were asked for, and no event is lost', async () => {
    const events = [{ type: 'gap', from: 0, to: 5 } as const, chunk(5, 'abc'), exit];
    const opened = await firstOffset({ from: 0, exec: { next_offset: 8 }, events: list(...events) });
    expect(opened.start).toBe(5);
    expect(await all(opened.events)).toEqual(events);
  });

  it('does not wait for bytes that are not written yet', async () => {
    const silent: AsyncIterable<OutputEvent> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    expect((await firstOffset({ from: 8, exec: { next_offset: 8 }, events: silent })).start).toBe(8);
  });
});
