import type { Duplex } from 'node:stream';
import { type ExecChannel, ExecError } from '#ports/exec.ts';
import { MAX_WAITING_ATTACH_BYTES } from './bounds.ts';
import { CreditGate } from './credit.ts';
import { frameSocket } from './frame-socket.ts';
import { FRAME, type Frame } from './frames.ts';
import { offeredVersions, openHello } from './hello.ts';
import { describe, pump } from './serve.ts';
import { optionalFlag, readCredit, terminalSize, text, whole } from './wire.ts';

export interface AttachOptions {
  /** Ends the connection early, because the caller lost access or the server stops. */
  readonly signal?: AbortSignal;
  /** The reader's own id, where it is to be held for. */
  readonly hold?: string | undefined;
  /** Whether this caller may write stdin, send signals and resize. Otherwise it only reads. */
  readonly writable?: boolean;
}

/**
 * One exec, both ways, over one stream: output from `from` on as `chunk`, `gap` and `exit` frames; `stdin`, `signal`,
 * `resize` and `credit` frames from the client. Frames carry no channel number here.
 * @returns `exit` if the client got the exit frame, `closed` if the stream closed earlier
 * @throws ExecError if the exec can't be read; the client gets an `error` frame too
 */
export const serveAttach = async (
  stream: Duplex,
  channel: ExecChannel,
  exec_id: string,
  from: number,
  options: AttachOptions = {},
): Promise<'exit' | 'closed'> => {
  const abort = new AbortController();
  const credit = new CreditGate();
  const ready = Promise.withResolvers<void>();
  let greeted = false;
  let waiting = 0;
  let inputs: Promise<void> = Promise.resolve();
  const stop = (): void => abort.abort();
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();

  const socket = frameSocket(stream, {
    frame: (frame) => {
      if (!greeted) {
        openHello(frame);
        credit.add(readCredit(frame.header));
        greeted = true;
        ready.resolve();
      } else if (frame.type === FRAME.credit) credit.add(whole(frame.header, 'bytes'));
      else enqueue(frame);
    },
    closed: () => {
      abort.abort();
      ready.resolve();
    },
  });

  /** Applies inputs in the order in which they arrived. */
  const enqueue = (frame: Frame): void => {
    waiting += frame.size;
    if (waiting > MAX_WAITING_ATTACH_BYTES) socket.pause();
    inputs = inputs
      .then(() => input(frame))
      .catch((error: unknown) => void socket.send(FRAME.error, describe(error)))
      .finally(() => {
        waiting -= frame.size;
        if (waiting <= MAX_WAITING_ATTACH_BYTES) socket.resume();
      });
  };

  const input = async ({ type, header, data }: Frame): Promise<void> => {
    if (type !== FRAME.stdin && type !== FRAME.signal && type !== FRAME.resize) return;
    if (options.writable === false) throw new ExecError('invalid', 'this connection may only read');
    if (type === FRAME.signal) await channel.signal(exec_id, text(header, 'signal'));
    else if (type === FRAME.resize) {
      const { cols, rows } = terminalSize(header);
      await channel.resize(exec_id, cols, rows);
    } else {
      const eof = optionalFlag(header, 'eof');
      const offset = await channel.stdin(exec_id, whole(header, 'offset'), Buffer.concat(data), eof);
      socket.send(FRAME.accepted, { offset });
    }
  };

  try {
    socket.send(FRAME.hello, offeredVersions());
    await ready.promise;
    if (abort.signal.aborted) return 'closed';
    const events = channel.read(exec_id, from, { signal: abort.signal, hold: options.hold });
    await pump(socket, {}, events, credit, abort.signal);
    return abort.signal.aborted ? 'closed' : 'exit';
  } catch (error) {
    socket.send(FRAME.error, describe(error));
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
    socket.end();
  }
};
