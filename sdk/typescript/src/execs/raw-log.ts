import { ConnectionFailed, OnMemOSError, OutputGap } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import { pause, retryDelayMs } from '../transport/backoff.ts';
import { path } from '../transport/path.ts';
import { RETRIES_AFTER_A_CUT, type Transport } from '../transport/transport.ts';
import type { ExecRef } from './follow.ts';

/** The bytes of a log, in order. */
export type RawLog = AsyncGenerator<Uint8Array, void, undefined>;

/** The log's bytes from an offset to the exit, taken up where it was cut. @throws OutputGap where bytes were dropped */
export async function* rawLog(transport: Transport, ref: ExecRef, from: number, options: CallOptions): RawLog {
  let next = from;
  let failures = 0;
  let opened = false;
  for (;;) {
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    try {
      const response = await transport.stream(request(ref, next), { ...options, signal, maxRetries: 0 });
      const start = Number(response.headers.get('OnMemOS-Offset') ?? next);
      if (start > next) throw new OutputGap(next, start);
      opened = true;
      for await (const bytes of bytesOf(transport, response)) {
        failures = 0;
        next += bytes.length;
        yield bytes;
      }
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      const most = options.maxRetries ?? (opened ? RETRIES_AFTER_A_CUT : transport.settings.maxRetries);
      const delay = failures < most ? retryDelayMs(error, failures) : null;
      if (delay === null) throw error;
      failures++;
      await pause(delay, options.signal);
    } finally {
      stop.abort();
    }
  }
}

const request = ({ session_id, exec_id }: ExecRef, from: number) =>
  ({
    method: 'GET',
    path: path`/v1/sessions/${session_id}/execs/${exec_id}/output`,
    query: { from },
    headers: { Accept: 'text/plain' },
  }) as const;

async function* bytesOf(transport: Transport, response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } catch (error) {
    throw error instanceof OnMemOSError ? error : new ConnectionFailed(transport.settings.baseUrl, error);
  }
}
