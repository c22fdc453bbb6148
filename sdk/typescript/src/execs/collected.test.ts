import { describe, expect, it } from 'vitest';
import { Conflict } from '../errors.ts';
import type { Exec } from '../types.ts';
import { Collected } from './collected.ts';
import { outputChunk } from './output-event.ts';

const exec = (more: Partial<Exec> = {}): Exec => ({
  exec_id: 'exe-1',
  session_id: 'ses-1',
  command: 'x',
  argv: null,
  status: 'exited',
  exit_code: 0,
  signal: null,
  signal_number: null,
  tty: false,
  next_offset: 0,
  truncated: false,
  missing_from: null,
  stdin_offset: 0,
  started_at: '2026-01-01T00:00:00.000Z',
  ended_at: null,
  ...more,
});
const collected = (stream: 'stdout' | 'stderr', ...parts: Uint8Array[]): Collected => {
  const all = new Collected();
  for (const data of parts) all.add(outputChunk(0, stream, data));
  return all;
};

describe('Collected', () => {
  it('joins characters that were cut between two pieces', () => {
    const [first, second] = [Uint8Array.of(0xc3), Uint8Array.of(0xa4)];
    const result = collected('stderr', first, second).result(exec());
    expect(result).toMatchObject({ stdout: '', stderr: 'ä', success: true, truncated: false });
    expect(result).not.toHaveProperty('stderr_base64');
  });

  it('gives bytes that are no text in base64 beside it, and keeps a mark at its start', () => {
    const result = collected('stdout', Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff)).result(exec());
    expect(result.stdout).toBe('\uFEFFa\uFFFD');
    expect(result.stdout_base64).toBe('77u/Yf8=');
  });

  it('carries at most 8 MiB of a stream, and says so', () => {
    const result = collected('stdout', new Uint8Array(8 * 1024 * 1024 - 1), new Uint8Array(2)).result(exec());
    expect(result.stdout.length).toBe(8 * 1024 * 1024);
    expect(result.truncated).toBe(true);
  });

  it('makes no result of a command that was lost', () => {
    expect(() => collected('stdout').result(exec({ status: 'lost', exit_code: null }))).toThrow(Conflict);
  });
});
