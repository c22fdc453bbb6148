import type { Duplex } from 'node:stream';
import { type ExecChannel, ExecError, type OutputEvent } from '#ports/exec.ts';
import { EVENT_COST_BYTES, MAX_CHUNK_BYTES, MAX_OPEN_CALLS, MAX_WAITING_CALL_BYTES } from './bounds.ts';
import { CallError } from './call-error.ts';
import { CreditGate } from './credit.ts';
import { type FrameSocket, frameSocket } from './frame-socket.ts';
import { FRAME, type Frame, type Header } from './frames.ts';
import { openHello, VersionRefused } from './hello.ts';
import { execOperation } from './operations.ts';
import { execId, flag, optional, readCredit, readerId, text, whole } from './wire.ts';

/** The operations that one connection has after its hello. */
export interface Served {
  readonly channel: ExecChannel | null;
  /** Operations beyond the exec contract. A CallError is sent to the peer unchanged. @throws CallError `no_such_op` */
  readonly call?: (op: string, params: Header, signal: AbortSignal) => Promise<unknown>;
}

export interface ServeHandler {
  /**
   * Accepts a peer by its hello, after both sides have agreed on a version. @throws ExecError, CallError to refuse it
   */
  open(hello: Header): Promise<Served>;
  /** Is called when an operation failed with an error that has no code. */
  failed?(error: unknown, op: string): void;
}

export interface ServedConnection {
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Serves the exec protocol over one connection. The channel executes the commands. */
export const serveExec = (stream: Duplex, handler: ServeHandler): ServedConnection => {
  const over = Promise.withResolvers<void>();
  const operations = new Map<number, { readonly abort: AbortController; readonly credit: CreditGate }>();
  let served: Served | null = null;
  let greeted = false;
  let callBytes = 0;

  const socket = frameSocket(stream, {
    frame: (frame) => {
      if (!greeted) return greet(frame);
      if (!served) throw new ExecError('invalid', 'wait for the hello before calling');
      if (frame.type === FRAME.call) return begin(frame, served);
      // Ignores frames of a call that has ended, and frames that only a server sends.
      if (frame.type === FRAME.cancel) operations.get(whole(frame.header, 'ch'))?.abort.abort();
      else if (frame.type === FRAME.credit) {
        operations.get(whole(frame.header, 'ch'))?.credit.add(whole(frame.header, 'bytes'));
      }
    },
    closed: () => {
      for (const operation of operations.values()) operation.abort.abort();
      over.resolve();
    },
  });

  const greet = (frame: Frame): void => {
    greeted = true;
    void accept(frame).then(
      ({ version, ...result }) => {
        served = result;
        socket.send(FRAME.hello, { version });
      },
      (error: unknown) => {
        socket.send(FRAME.error, { ch: 0, ...describe(error) });
        socket.end();
      },
    );
  };

  const accept = async (frame: Frame): Promise<Served & { readonly version: number }> => {
    const version = openHello(frame);
    return { ...(await handler.open(frame.header)), version };
  };

  const begin = (frame: Frame, to: Served): void => {
    const ch = whole(frame.header, 'ch', 1);
    const op = text(frame.header, 'op');
    if (operations.has(ch)) throw new ExecError('invalid', `channel ${ch} is in use`);
    if (operations.size >= MAX_OPEN_CALLS) throw new ExecError('invalid', 'too many operations at once');
    const operation = { abort: new AbortController(), credit: new CreditGate() };
    operations.set(ch, operation);
    callBytes += frame.size;
    void run(ch, op, frame, to, operation)
      .catch((thrown: unknown) => {
        const { signal } = operation.abort;
        const cancelled = signal.aborted && thrown === signal.reason;
        const error = cancelled ? new CallError('cancelled', 'the call was cancelled') : thrown;
        if (!isRefusal(error)) handler.failed?.(error, op);
        if (!socket.closed) socket.send(FRAME.error, { ch, ...describe(error) });
      })
      .finally(() => {
        callBytes -= frame.size;
        operations.delete(ch);
      });
  };

  const run = async (
    ch: number,
    op: string,
    frame: Frame,
    { channel, call }: Served,
    { abort, credit }: { readonly abort: AbortController; readonly credit: CreditGate },
  ): Promise<void> => {
    const { header, data } = frame;
    if (channel && op === 'read') {
      const follow = optional(header, 'follow', flag) ?? true;
      credit.add(readCredit(header));
      const options = { follow, signal: abort.signal, hold: optional(header, 'hold', readerId) };
      const events = channel.read(execId(header), whole(header, 'from'), options);
      await pump(socket, { ch }, events, credit, abort.signal);
      socket.send(FRAME.ok, { ch });
      return;
    }
    if (op === 'stdin' && callBytes > MAX_WAITING_CALL_BYTES) {
      throw new ExecError('unavailable', 'too much stdin waits for commands that do not read it');
    }
    const answer = channel ? execOperation(channel, op, header, data, abort.signal) : null;
    const result = answer ? await answer : await other(call, op, header, abort.signal);
    socket.send(FRAME.ok, { ch, result: result ?? null });
  };

  return { closed: over.promise, close: () => socket.destroy() };
};

const other = async (call: Served['call'], op: string, params: Header, signal: AbortSignal): Promise<unknown> => {
  if (op === 'ping') return null;
  if (!call) throw new CallError('no_such_op', `there is no operation ${op} here`);
  return call(op, params, signal);
};

/** Sends events as far as credit and the connection allow. The producer keeps the events that can't be sent yet. */
export const pump = async (
  socket: FrameSocket,
  address: Header,
  events: AsyncIterable<OutputEvent>,
  credit: CreditGate,
  signal: AbortSignal,
): Promise<void> => {
  for await (const event of events) {
    if (signal.aborted || socket.closed) return;
    if (event.type === 'gap') {
      if (!credit.open) await credit.wait(signal);
      socket.send(FRAME.gap, { ...address, from: event.from, to: event.to });
      credit.take(EVENT_COST_BYTES);
    } else if (event.type === 'exit') socket.send(FRAME.exit, { ...address, exec: event.exec });
    else if (!(await sendChunk(socket, address, event, credit, signal))) return;
  }
};

const sendChunk = async (
  socket: FrameSocket,
  address: Header,
  event: OutputEvent & { type: 'chunk' },
  credit: CreditGate,
  signal: AbortSignal,
): Promise<boolean> => {
  const { stream } = event;
  const time = event.time ?? undefined;
  for (let sent = 0; sent < event.data.byteLength; sent += MAX_CHUNK_BYTES) {
    if (!credit.open) await credit.wait(signal);
    if (signal.aborted || socket.closed) return false;
    const data = event.data.subarray(sent, sent + MAX_CHUNK_BYTES);
    const room = socket.send(FRAME.chunk, { ...address, seq: event.seq + sent, stream, time }, data);
    credit.take(data.byteLength + EVENT_COST_BYTES);
    if (!room) await socket.drained();
  }
  return true;
};

const isRefusal = (error: unknown): error is ExecError | CallError =>
  error instanceof ExecError || error instanceof CallError;

/**
 * The fields of an error frame. The text of an unexpected error is not sent, because it may contain paths or secrets.
 */
export const describe = (error: unknown): Header => {
  if (!isRefusal(error))
    return { code: 'internal', message: 'the operation failed; the log of the other side says why' };
  const more = error instanceof VersionRefused ? error.spoken : error instanceof ExecError ? error.not_started : null;
  return { ...more, code: error.code, message: error.message };
};
