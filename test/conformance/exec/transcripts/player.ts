import type { Duplex } from 'node:stream';
import { FrameDecoder } from '#platform/protocol/decode.ts';
import { encodeFrame } from '#platform/protocol/encode.ts';
import { FRAME, type Frame, type FrameType, type Header } from '#platform/protocol/frames.ts';
import { filled, type Memory, mismatch } from './match.ts';
import type { Output, Step, Transcript } from './transcript.ts';

/** What a transcript is played against: one session, fresh for it. */
export interface Peer {
  /** Its name in the hello; null where the other side has one session and needs no name. */
  readonly session: string | null;
  connect(): Promise<Duplex>;
}

/** For a step whose frame does not come. */
const HANGS_MS = 120_000;

const nameOf = (type: number): string =>
  Object.entries(FRAME).find(([, number]) => number === type)?.[0] ?? String(type);
const said = ({ type, header, bytes }: Frame): string =>
  `${nameOf(type)} ${JSON.stringify(header).slice(0, 400)}${bytes > 0 ? ` and ${bytes} bytes` : ''}`;

/** Frames as they come, kept apart by their channel: the order holds within one only. */
class Connection {
  readonly #stream: Duplex;
  readonly #waiting = new Map<number, Frame[]>();
  #ended = false;
  #changed = Promise.withResolvers<void>();

  constructor(stream: Duplex) {
    this.#stream = stream;
    const decoder = new FrameDecoder();
    stream.on('data', (bytes: Buffer) => {
      for (const frame of decoder.push(bytes)) {
        const ch = typeof frame.header.ch === 'number' ? frame.header.ch : 0;
        this.#waiting.set(ch, [...(this.#waiting.get(ch) ?? []), frame]);
      }
      this.#wake();
    });
    const over = (): void => {
      this.#ended = true;
      this.#wake();
    };
    stream.once('end', over).once('close', over).on('error', over);
  }

  get ended(): boolean {
    return this.#ended;
  }

  write(bytes: Buffer): void {
    if (!this.#stream.destroyed) this.#stream.write(bytes);
  }

  /** The frame that waits on a channel, which stays there. */
  peek(ch: number): Frame | null {
    return this.#waiting.get(ch)?.[0] ?? null;
  }

  drop(ch: number): void {
    this.#waiting.get(ch)?.shift();
  }

  /** @throws Error when nothing comes, or the connection ends before */
  async next(ch: number): Promise<Frame> {
    await this.until(() => this.peek(ch) !== null || this.#ended);
    const frame = this.peek(ch);
    if (!frame) throw new Error(`the connection ended while a frame on channel ${ch} was due`);
    return frame;
  }

  async until(condition: () => boolean): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`nothing came for ${HANGS_MS / 1000} s`)), HANGS_MS);
    try {
      while (!condition()) await Promise.race([this.#changed.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#stream.destroy();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

/** Plays a transcript. @throws Error with the step that the other side failed */
export const play = async (transcript: Transcript, peer: Peer): Promise<void> => {
  const connection = new Connection(await peer.connect());
  const memory: Memory = new Map([['session', peer.session ?? undefined]]);
  const session = peer.session === null ? {} : { session: peer.session };
  const steps: readonly Step[] =
    transcript.hello === false
      ? transcript.steps
      : [
          { send: 'hello', header: { version: 1, ...session } },
          { expect: 'hello', header: { version: 1 } },
          ...transcript.steps,
        ];
  try {
    for (const [i, step] of steps.entries()) {
      await take(step, connection, memory).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`step ${i + 1} of ${steps.length}, ${JSON.stringify(step).slice(0, 200)}: ${why}`);
      });
    }
  } finally {
    connection.close();
  }
};

const take = async (step: Step, connection: Connection, memory: Memory): Promise<void> => {
  if ('send' in step) {
    const data = step.bytes === undefined ? Buffer.from(step.text ?? '') : Buffer.from(step.bytes, 'hex');
    send(connection, step.send, filled(step.header ?? {}, memory), data);
  } else if ('send_bytes' in step) connection.write(Buffer.from(step.send_bytes, 'hex'));
  else if ('expect' in step) await expectFrame(connection, step.expect, step.header ?? {}, memory);
  else if ('output' in step) await expectOutput(connection, step.output, memory);
  else if ('starts' in step) await startMany(connection, step.starts, memory);
  else if ('silent' in step) await expectSilence(connection, step.silent, memory);
  else await connection.until(() => connection.ended);
};

const typeOf = (name: string | number): number =>
  typeof name === 'number' ? name : (FRAME[name as keyof typeof FRAME] ?? Number.NaN);

const send = (connection: Connection, name: string | number, header: Header, data: Buffer): void => {
  const type = typeOf(name);
  if (!Number.isInteger(type)) throw new Error(`there is no frame type ${name}`);
  connection.write(encodeFrame(type as FrameType, header, data));
};

const expectFrame = async (connection: Connection, name: string, header: Header, memory: Memory): Promise<void> => {
  const ch = typeof header.ch === 'number' ? header.ch : 0;
  const frame = await connection.next(ch);
  connection.drop(ch);
  if (frame.type !== typeOf(name)) throw new Error(`came ${said(frame)}`);
  const reason = mismatch(header, frame.header, memory, 'the header');
  if (reason !== null) throw new Error(`${reason}; came ${said(frame)}`);
};

const expectOutput = async (connection: Connection, wanted: Output, memory: Memory): Promise<void> => {
  const { ch, stdout = '', stderr = '', ends_with } = wanted;
  const exact = Buffer.byteLength(stdout) + Buffer.byteLength(stderr);
  const got: Record<string, Buffer[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  let next: number | null = null;
  while (ends_with !== undefined || bytes < exact) {
    const frame = await connection.next(ch);
    if (frame.type !== FRAME.chunk) {
      if (ends_with !== undefined) break;
      throw new Error(`came ${said(frame)} after ${bytes} of ${exact} bytes`);
    }
    connection.drop(ch);
    const { seq, stream } = frame.header;
    const place = next === null ? mismatch(wanted.seq ?? { $number: [0, null] }, seq, memory, 'seq') : null;
    if (place !== null) throw new Error(place);
    if (next !== null && seq !== next) throw new Error(`seq is ${String(seq)}, and not ${next}`);
    const kept = got[String(stream)];
    if (!kept) throw new Error(`came ${said(frame)}: there is no such stream`);
    kept.push(...frame.data);
    bytes += frame.bytes;
    next = Number(seq) + frame.bytes;
    // Gives back what was read, so that the credit never runs out.
    if (ends_with !== undefined) send(connection, 'credit', { ch, bytes: frame.bytes + 64 }, Buffer.alloc(0));
  }
  const text = (stream: string): string => Buffer.concat(got[stream] ?? []).toString();
  if (ends_with !== undefined) {
    if (!text('stdout').endsWith(ends_with))
      throw new Error(`stdout ends with ${JSON.stringify(text('stdout').slice(-40))}`);
  } else if (text('stdout') !== stdout || text('stderr') !== stderr) {
    throw new Error(`stdout is ${JSON.stringify(text('stdout'))}, stderr ${JSON.stringify(text('stderr'))}`);
  }
};

/** One after the other, so that their order in the list is known. */
const startMany = async (
  connection: Connection,
  { count, ch, exec_id }: { readonly count: number; readonly ch: number; readonly exec_id: string },
  memory: Memory,
): Promise<void> => {
  for (let n = 1; n <= count; n++) {
    const header = {
      ch: ch + n,
      op: 'start',
      exec_id: `${exec_id}${n}`,
      command: ':',
      timeout_ms: null,
      log_limit_mb: 1,
    };
    send(connection, 'call', header, Buffer.alloc(0));
    await expectFrame(connection, 'ok', { ch: ch + n, result: { exec_id: header.exec_id } }, memory);
  }
};

let pings = 1_000_000_000;

/** Nothing is on its way on these channels: it would have come before the answer to a ping that is sent now. */
const expectSilence = async (connection: Connection, channels: readonly number[], memory: Memory): Promise<void> => {
  pings++;
  send(connection, 'call', { ch: pings, op: 'ping' }, Buffer.alloc(0));
  await expectFrame(connection, 'ok', { ch: pings, result: null }, memory);
  for (const ch of channels) {
    const frame = connection.peek(ch);
    if (frame) throw new Error(`came ${said(frame)}`);
  }
};
