import type { components } from '../generated/schema.ts';
import type { CallOptions } from '../options.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { Exec } from '../types.ts';
import { fromBase64 } from './base64.ts';
import { bodyOf } from './body.ts';
import { Continuity, type OutputEvent } from './output-event.ts';
import { type Connection, resumed } from './resumed.ts';
import { type ServerSentEvent, sseDecoder } from './sse.ts';

/** Which command of which session. */
export interface ExecRef {
  readonly session_id: string;
  readonly exec_id: string;
}

/** The server sends a comment every 15 s: a stream that is silent this long is dead, whatever its socket says. */
const SILENCE_MS = 50_000;

/** A command's output by Server-Sent Events from an offset on, to its exit. @throws OnMemOSError */
export const followOutput = (
  transport: Transport,
  ref: ExecRef,
  from: number,
  options: CallOptions = {},
): AsyncGenerator<OutputEvent, void, undefined> => {
  const order = new Continuity(from);
  return resumed(transport, options, () => connection(transport, ref, order, options));
};

async function* connection(
  transport: Transport,
  { session_id, exec_id }: ExecRef,
  order: Continuity,
  options: CallOptions,
): Connection<OutputEvent> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  try {
    const request = {
      method: 'GET',
      path: path`/v1/sessions/${session_id}/execs/${exec_id}/output`,
      query: { from: order.next },
      headers: { Accept: 'text/event-stream' },
    } as const;
    const response = await transport.stream(request, { ...options, signal, maxRetries: 0 });
    const decode = sseDecoder();
    for await (const bytes of bodyOf(transport, response, { ms: SILENCE_MS, stop })) {
      for (const event of decode(bytes).map(outputEvent)) {
        if (event === null) continue;
        yield* order.take(event);
        if (event.type === 'exit') return 'ended';
      }
    }
    return 'cut';
  } finally {
    stop.abort();
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
