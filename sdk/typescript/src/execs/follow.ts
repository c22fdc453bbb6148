import { ConnectionFailed, OnMemOSError } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import { pause, retryDelayMs } from '../transport/backoff.ts';
import { path } from '../transport/path.ts';
import { RETRIES_AFTER_A_CUT, type Transport } from '../transport/transport.ts';
import type { components } from '../generated/schema.ts';
import type { Exec } from '../types.ts';
import { fromBase64 } from './base64.ts';
import { Continuity, type OutputEvent } from './output-event.ts';
import { type ServerSentEvent, sseDecoder } from './sse.ts';

/** Which command of which session. */
export interface ExecRef {
  readonly session_id: string;
  readonly exec_id: string;
}

/** The server sends a comment every 15 s: a stream that is silent this long is dead, whatever its socket says. */
const SILENCE_MS = 50_000;

/**
 * A command's output from an offset on, to its exit. A stream that is cut is opened again where it was cut.
 * @throws OnMemOSError where it can't be read, or not again
 */
export async function* followOutput(
  transport: Transport,
  ref: ExecRef,
  from: number,
  options: CallOptions = {},
): AsyncGenerator<OutputEvent, void, undefined> {
  const order = new Continuity(from);
  let failures = 0;
  let opened = false;
  for (;;) {
    try {
      for await (const event of readOnce(transport, ref, order.next, options)) {
        opened = true;
        failures = 0;
        yield* order.take(event);
        if (event.type === 'exit') return;
      }
      throw new ConnectionFailed(transport.settings.baseUrl, new Error('The output ended before the command did'));
    } catch (error) {
      options.signal?.throwIfAborted();
      const most = options.maxRetries ?? (opened ? RETRIES_AFTER_A_CUT : transport.settings.maxRetries);
      const delay = failures < most ? retryDelayMs(error, failures) : null;
      if (delay === null) throw error;
      failures++;
      await pause(delay, options.signal);
    }
  }
}

/** One connection's worth. */
async function* readOnce(
  transport: Transport,
  { session_id, exec_id }: ExecRef,
  from: number,
  options: CallOptions,
): AsyncGenerator<OutputEvent, void, undefined> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  try {
    const request = {
      method: 'GET',
      path: path`/v1/sessions/${session_id}/execs/${exec_id}/output`,
      query: { from },
      headers: { Accept: 'text/event-stream' },
    } as const;
    const response = await transport.stream(request, { ...options, signal, maxRetries: 0 });
    const decode = sseDecoder();
    for await (const bytes of chunksOf(transport, response, stop)) {
      for (const event of decode(bytes)) {
        const read = outputEvent(event);
        if (read) yield read;
      }
    }
  } finally {
    stop.abort();
  }
}

/** The bytes of a body as they come. @throws ConnectionFailed where they break off or stay away */
async function* chunksOf(transport: Transport, response: Response, stop: AbortController): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const silent = (): void => stop.abort(new DOMException('The stream fell silent', 'TimeoutError'));
  for (;;) {
    const timer = setTimeout(silent, SILENCE_MS);
    try {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    } catch (error) {
      throw error instanceof OnMemOSError ? error : new ConnectionFailed(transport.settings.baseUrl, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

const encoder = new TextEncoder();

/** An event of the wire as what it says; null for one of a kind that is not known here. */
const outputEvent = ({ event, data }: ServerSentEvent): OutputEvent | null => {
  if (event === 'chunk') {
    const chunk = JSON.parse(data) as components['schemas']['OutputChunk'];
    const bytes = chunk.encoding === 'base64' ? fromBase64(chunk.data) : encoder.encode(chunk.data);
    return { type: 'chunk', seq: chunk.seq, stream: chunk.stream, data: bytes };
  }
  if (event === 'gap') return { type: 'gap', ...(JSON.parse(data) as components['schemas']['OutputGap']) };
  return event === 'exit' ? { type: 'exit', exec: JSON.parse(data) as Exec } : null;
};
