import { OutputGap } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import type { Transport } from '../transport/transport.ts';
import { bodyOf } from './body.ts';
import { type ExecRef, openOutput } from './open-output.ts';
import { type Connection, resumed } from './resumed.ts';

/** The bytes of a log, in order. */
export type RawLog = AsyncGenerator<Uint8Array, void, undefined>;

/** The log's bytes from an offset to the exit, taken up where it was cut. @throws OutputGap where bytes were dropped */
export const rawLog = (transport: Transport, ref: ExecRef, from: number, options: CallOptions): RawLog => {
  const place = { next: from };
  return resumed(transport, ref, options, () => connection(transport, ref, place, options));
};

async function* connection(
  transport: Transport,
  ref: ExecRef,
  place: { next: number },
  options: CallOptions,
): Connection<Uint8Array> {
  const { response, stop } = await openOutput(transport, ref, place.next, 'text/plain', options);
  try {
    const start = Number(response.headers.get('OnMemOS-Offset') ?? place.next);
    if (start > place.next) throw new OutputGap(place.next, start);
    for await (const bytes of bodyOf(transport, response)) {
      place.next += bytes.length;
      yield bytes;
    }
    // A log that can't be whole breaks its connection off: one that closes has said everything.
    return 'ended';
  } finally {
    stop.abort();
  }
}
