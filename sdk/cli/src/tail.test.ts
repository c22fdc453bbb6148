import type { Exec, OnMemOSClient, OutputEvent } from 'onmemos';
import { describe, expect, it } from 'vitest';
import { lastLinesAt, tailOffset } from './tail.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it.each([
  ['a\nb\nc\n', 1, 4],
  ['a\nb\nc\n', 2, 2],
  ['a\nb\nc', 1, 4],
  ['a\nb\nc\n', 3, null],
  ['\n\n', 1, 1],
  ['', 1, null],
  ['abc', 0, 3],
])('the last lines of %j: %i', (text, lines, at) => {
  expect(lastLinesAt(bytes(text), lines)).toBe(at);
});

describe('the offset of the last lines', () => {
  const log = 'x'.repeat(100_000);
  const text = `${log}\n${log}\none\ntwo\n`;
  const asked: number[] = [];
  const client = (oldest: number): OnMemOSClient => {
    async function* output(
      _session: string,
      _exec: string,
      { from = 0 }: { from?: number },
    ): AsyncGenerator<OutputEvent> {
      asked.push(from);
      const begin = Math.max(from, oldest);
      if (begin > from) yield { type: 'gap', from, to: begin };
      const data = bytes(text.slice(begin));
      yield { type: 'chunk', seq: begin, end: begin + data.length, stream: 'stdout', time: null, data };
    }
    return { execs: { output } } as unknown as OnMemOSClient;
  };
  const exec = { session_id: 's', exec_id: 'e', next_offset: text.length } as Exec;
  const { signal } = new AbortController();

  it('is found in the last block, and further back only where that has too few', async () => {
    expect(await tailOffset(client(0), exec, 2, signal)).toBe(text.indexOf('one'));
    expect(asked).toHaveLength(1);
    expect(await tailOffset(client(0), exec, 3, signal)).toBe(log.length + 1);
    expect(asked).toHaveLength(3);
    expect(await tailOffset(client(0), exec, 9, signal)).toBe(0);
  });

  it('is the oldest byte that is kept where lines were dropped', async () => {
    expect(await tailOffset(client(150_000), exec, 9, signal)).toBe(150_000);
  });
});
