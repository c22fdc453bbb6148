import type { components } from '../generated/schema.ts';
import type { OutputOptions } from '../options.ts';
import type { Transport } from '../transport/transport.ts';
import type { Exec } from '../types.ts';
import { fromBase64 } from './base64.ts';
import { bodyOf } from './body.ts';
import { type ExecRef, openOutput } from './open-output.ts';
import { Continuity, type OutputEvent, outputChunk } from './output-event.ts';
import { type Connection, resumed } from './resumed.ts';
import { type ServerSentEvent, sseDecoder } from './sse.ts';

/** The server sends a comment every 15 s: a stream that is silent this long is dead, whatever its socket says. */
const SILENCE_MS = 50_000;

/** A command's output by Server-Sent Events from an offset on, to its exit. @throws OnMemOSError */
export const followOutput = (
  transport: Transport,
  ref: ExecRef,
  options: OutputOptions = {},
): AsyncGenerator<OutputEvent, void, undefined> => {
  const order = new Continuity(options.from ?? 0, { anywhere: options.since !== undefined });
  return resumed(transport, ref, options, (onRetry) => connection(transport, ref, order, options, onRetry));
};

async function* connection(
  transport: Transport,
  ref: ExecRef,
  order: Continuity,
  options: OutputOptions,
  onRetry: (ms: number) => void,
): Connection<OutputEvent> {
  const { response, stop } = await openOutput(transport, ref, order.next, 'text/event-stream', options);
  try {
    const decode = sseDecoder(onRetry);
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
    // An earlier server sends no time.
    return outputChunk(chunk.seq, chunk.stream, bytes, chunk.time ?? null);
  }
  if (event === 'gap') return { type: 'gap', ...(JSON.parse(data) as components['schemas']['OutputGap']) };
  return event === 'exit' ? { type: 'exit', exec: JSON.parse(data) as Exec } : null;
};
