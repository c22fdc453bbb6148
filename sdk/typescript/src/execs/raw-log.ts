import { OutputGap } from '../errors.ts';
import type { CallOptions, OutputOptions } from '../options.ts';
import type { Transport } from '../transport/transport.ts';
import { bodyOf } from './body.ts';
import { type ExecRef, openOutput } from './open-output.ts';
import { type Connection, resumed } from './resumed.ts';

/** The bytes of a log, in order. */
export type RawLog = AsyncGenerator<Uint8Array, void, undefined>;

/** The log's bytes from an offset to the exit, taken up where it was cut. @throws OutputGap where bytes were dropped */
export const rawLog = (transport: Transport, ref: ExecRef, options: OutputOptions): RawLog => {
  const place = { next: options.from ?? 0, anywhere: options.since !== undefined };
  return resumed(transport, ref, options, () => connection(transport, ref, place, options));
};

async function* connection(
  transport: Transport,
  ref: ExecRef,
  place: { next: number; anywhere: boolean },
  options: OutputOptions,
): Connection<Uint8Array> {
  const { response, stop } = await openOutput(transport, ref, place.next, 'text/plain', options);
  try {
    const start = startOf(response, place.next);
    if (place.anywhere) place.next = Math.max(place.next, start);
    place.anywhere = false;
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

/** The offset of the log's first byte. */
const startOf = (response: Response, asked: number): number => Number(response.headers.get('OnMemOS-Offset') ?? asked);

/** Where the kept output since an instant begins. @throws OnMemOSError */
export const offsetSince = async (
  transport: Transport,
  ref: ExecRef,
  since: string,
  options: CallOptions,
): Promise<number> => {
  const asked = async function* (): Connection<number> {
    const { response, stop } = await openOutput(transport, ref, undefined, 'text/plain', { ...options, since });
    stop.abort();
    yield startOf(response, 0);
    return 'ended';
  };
  let begin = 0;
  for await (const offset of resumed(transport, ref, options, asked)) begin = offset;
  return begin;
};
