import type { Exec, ExecuteResult, StreamName } from '../types.ts';
import { toBase64 } from './base64.ts';
import type { OutputChunk } from './output-event.ts';
import { refuseLost, returncodeOf } from './returncode.ts';

/** The most of each stream that a result carries, as the server's own answers do. */
const MOST_BYTES = 8 * 1024 * 1024;

/** A command's output put together, stream by stream. */
export class Collected {
  readonly #parts: Record<StreamName, Uint8Array[]> = { stdout: [], stderr: [] };
  readonly #sizes: Record<StreamName, number> = { stdout: 0, stderr: 0 };
  /** Whether some of it was dropped before it was read. */
  dropped = false;

  add({ stream, data }: OutputChunk): void {
    const part = data.subarray(0, Math.max(0, MOST_BYTES - this.#sizes[stream]));
    if (part.length < data.length) this.dropped = true;
    if (part.length > 0) this.#parts[stream].push(part);
    this.#sizes[stream] += part.length;
  }

  /** The result of a command that has ended. @throws Conflict where it was lost */
  result(exec: Exec): ExecuteResult {
    refuseLost(exec);
    const stdout = this.#read('stdout');
    const stderr = this.#read('stderr');
    const returncode = returncodeOf(exec) ?? -1;
    return {
      stdout: stdout.text,
      stderr: stderr.text,
      returncode,
      success: returncode === 0,
      exec_id: exec.exec_id,
      timed_out: exec.status === 'timed_out',
      truncated: this.dropped,
      ...(stdout.base64 === null ? {} : { stdout_base64: stdout.base64 }),
      ...(stderr.base64 === null ? {} : { stderr_base64: stderr.base64 }),
    };
  }

  #read(stream: StreamName): { readonly text: string; readonly base64: string | null } {
    const bytes = joined(this.#parts[stream], this.#sizes[stream]);
    try {
      return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), base64: null };
    } catch {
      return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), base64: toBase64(bytes) };
    }
  }
}

const joined = (parts: readonly Uint8Array[], size: number): Uint8Array => {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};
