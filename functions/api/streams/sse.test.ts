import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Exec } from '#contract/entities/exec.ts';
import type { ExecState } from '#ports/exec.ts';
import { sseEncoder } from './sse.ts';

const state: ExecState = {
  exec_id: 'exe-1',
  status: 'exited',
  exit_code: 3,
  signal: null,
  signal_number: null,
  timed_out: false,
  next_offset: 42,
  first_offset: 0,
  missing_from: 12,
  end_offset: 0,
  stdin_offset: 7,
  started_at: 0,
  ended_at: 1_767_225_601_000,
};
const described = { exec_id: 'exe-1', exit_code: 124 } as unknown as z.infer<typeof Exec>;
const encode = sseEncoder(() => described);
const text = (encoded: ReturnType<typeof encode>): string => Buffer.from(encoded as Uint8Array).toString();
const dataOf = (frame: string): unknown => JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? '');

describe('sseEncoder', () => {
  it('numbers a chunk by the offset after it, and keeps its line breaks inside one line', () => {
    const frame = text(encode({ type: 'chunk', seq: 10, stream: 'stdout', time: null, data: Buffer.from('a\nb\r\n') }));
    expect(frame).toBe(
      'id: 15\nevent: chunk\ndata: {"seq":10,"stream":"stdout","data":"a\\nb\\r\\n","encoding":"utf8","time":null}\n\n',
    );
  });

  it('counts bytes, not characters', () => {
    expect(text(encode({ type: 'chunk', seq: 0, stream: 'stderr', time: null, data: Buffer.from('ä😀') }))).toMatch(
      /^id: 6\n/,
    );
  });

  it('sends a chunk that is not valid UTF-8 as base64', () => {
    const half = Buffer.from('ä').subarray(0, 1);
    const frame = text(encode({ type: 'chunk', seq: 5, stream: 'stdout', time: null, data: half }));
    expect(dataOf(frame)).toEqual({
      seq: 5,
      stream: 'stdout',
      data: 'ww==',
      encoding: 'base64',
      time: null,
    });
    expect(frame).toMatch(/^id: 6\n/);
  });

  it('sends a chunk with a zero byte as base64', () => {
    const frame = text(encode({ type: 'chunk', seq: 0, stream: 'stdout', time: null, data: Buffer.from('a\0b') }));
    expect(dataOf(frame)).toEqual({
      seq: 0,
      stream: 'stdout',
      data: 'YQBi',
      encoding: 'base64',
      time: null,
    });
  });

  it('writes times as instants, in either encoding', () => {
    for (const data of ['text', '\0'])
      expect(
        dataOf(
          text(encode({ type: 'chunk', seq: 0, stream: 'stdout', time: 1_795_773_600_123, data: Buffer.from(data) })),
        ),
      ).toMatchObject({ time: '2026-11-27T10:00:00.123Z' });
  });

  it('encodes a view of a larger buffer as that view alone', () => {
    const all = Buffer.from('0123456789');
    const data = new Uint8Array(all.buffer, all.byteOffset + 2, 3);
    expect(dataOf(text(encode({ type: 'chunk', seq: 0, stream: 'stdout', time: null, data })))).toMatchObject({
      data: '234',
    });
  });

  it('sends a gap with the offset after it', () => {
    expect(text(encode({ type: 'gap', from: 0, to: 900 }))).toBe('id: 900\nevent: gap\ndata: {"from":0,"to":900}\n\n');
  });

  it('ends with the final state of the exec, under an id that no chunk has', () => {
    const frame = text(encode({ type: 'exit', exec: state }));
    expect(frame).toMatch(/^id: 42\.exit\nevent: exit\n/);
    expect(dataOf(frame)).toEqual(described);
  });
});
