import type { Process, Session } from 'onmemos';
import { asLostConnection } from '../bridge/lost-connection.ts';
import { refuseFailure } from './session-side.ts';

/** As much of what tar complains as is kept. */
const MOST_COMPLAINT = 16 * 1024;
/** Small pieces are put together: each write to a session is a round trip. */
const BATCH_BYTES = 512 * 1024;
/** Writes that may be under way. */
const MOST_UNDER_WAY = 2;

export interface Transfer {
  readonly session: Session;
  readonly signal: AbortSignal;
  /** Told how many bytes have been moved. */
  readonly moved: (bytes: number) => void;
  /** Told of the command, for the case that this program ends before it. */
  readonly started: (exec_id: string) => void;
}

/** Reads a command to its end. @returns what it said on stderr @throws CliError where it failed */
const readToEnd = async (
  command: Process,
  signal: AbortSignal,
  take: (data: Uint8Array) => Promise<void> | void,
): Promise<void> => {
  let complaint = '';
  try {
    for await (const { stream, data } of command.output({ signal })) {
      if (stream === 'stdout') await take(data);
      else complaint = (complaint + new TextDecoder().decode(data)).slice(-MOST_COMPLAINT);
    }
  } catch (error) {
    throw signal.aborted ? error : asLostConnection(command.exec, error);
  }
  refuseFailure(command.returncode, complaint);
};

/** Copies what a command prints. */
export const download = async (
  { session, signal, moved, started }: Transfer,
  argv: readonly string[],
  take: (data: Uint8Array) => Promise<void>,
): Promise<void> => {
  const { exec_id } = await session.start(argv, { hold: true, signal });
  started(exec_id);
  // Over a WebSocket: its pieces are bytes and not text.
  const hold = `cp-${crypto.randomUUID()}`;
  const command = await session.process(exec_id, { interactive: true, hold, signal });
  await readToEnd(command, signal, async (data) => {
    await take(data);
    moved(data.length);
  });
};

async function* batched(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of source) {
    parts.push(part);
    size += part.length;
    if (size < BATCH_BYTES) continue;
    yield Buffer.concat(parts, size);
    [parts, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(parts, size);
}

/** Gives a command its stdin. It reads no more where it has failed; its end says why. */
const feed = async (
  command: Process,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  moved: (bytes: number) => void,
): Promise<void> => {
  const underWay: Promise<void>[] = [];
  for await (const piece of batched(source)) {
    const written = command.write(piece, { signal }).then(() => moved(piece.length));
    written.catch(() => {});
    underWay.push(written);
    if (underWay.length >= MOST_UNDER_WAY) await underWay.shift();
  }
  await Promise.all(underWay);
  await command.closeStdin({ signal });
};

const readsNoMore = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'conflict' || error.code === 'session_not_running');

/** Copies a stream to a command's stdin. */
export const upload = async (
  { session, signal, moved, started }: Transfer,
  argv: readonly string[],
  source: AsyncIterable<Uint8Array>,
): Promise<void> => {
  const command = await session.start(argv, { hold: true, stdin: true, signal });
  started(command.exec_id);
  const over = new AbortController();
  const reading = readToEnd(command, AbortSignal.any([signal, over.signal]), () => {});
  reading.catch(() => {});
  try {
    await feed(command, source, signal, moved);
  } catch (error) {
    if (!readsNoMore(error)) {
      over.abort();
      throw error;
    }
  }
  await reading;
};
