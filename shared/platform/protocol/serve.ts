import type { Duplex } from 'node:stream';
import { type ExecChannel, ExecError, type OutputEvent } from '#ports/exec.ts';
import { CreditGate } from './credit.ts';
import { type FrameSocket, frameSocket } from './frame-socket.ts';
import {
  DEFAULT_CREDIT_BYTES,
  EVENT_COST_BYTES,
  FRAME,
  type Frame,
  type Header,
  MAX_CHUNK_BYTES,
  PROTOCOL_VERSION,
} from './frames.ts';
import { execOperation } from './operations.ts';
import { execId, optionalFlag, text, whole } from './wire.ts';

/** What one connection may do after its hello. */
export interface Served {
  readonly channel: ExecChannel | null;
  /** Operations beyond the exec contract. Their errors reach the peer by `code`, where they have one, and message. */
  readonly call?: (op: string, params: Header, signal: AbortSignal) => Promise<unknown>;
  /** Joined to this side's hello. */
  readonly hello?: Header;
}

export interface ServeHandler {
  /** Decides by the peer's hello. @throws ExecError to refuse it. */
  open(hello: Header): Promise<Served>;
  /** An operation failed in a way that the contract has no code for. */
  failed?(error: unknown, op: string): void;
}

export interface ServedConnection {
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Bytes of stdin that may wait on one connection for commands that do not read. */
const MAX_STDIN_WAITING = 64 * 1024 * 1024;
/** Operations that one connection may have open: a peer that never waits for answers is cut off. */
const MAX_OPEN = 65_536;

/** The side of the exec protocol that has the commands, over one connection. Knows nothing of what executes them. */
export const serveExec = (stream: Duplex, handler: ServeHandler): ServedConnection => {
  const over = Promise.withResolvers<void>();
  const operations = new Map<number, { readonly abort: AbortController; readonly credit: CreditGate }>();
  let served: Served | null = null;
  let greeted = false;
  let stdinWaiting = 0;

  const socket = frameSocket(stream, {
    frame: (frame) => {
      if (!greeted) return greet(frame);
      if (!served) throw new ExecError('invalid', 'wait for the hello before calling');
      if (frame.type === FRAME.call) return begin(frame, served);
      const operation = operations.get(whole(frame.header, 'ch'));
      if (frame.type === FRAME.cancel) operation?.abort.abort();
      else if (frame.type === FRAME.credit) operation?.credit.add(whole(frame.header, 'bytes'));
    },
    closed: () => {
      for (const operation of operations.values()) operation.abort.abort();
      over.resolve();
    },
  });

  const greet = (frame: Frame): void => {
    greeted = true;
    void accept(frame).then(
      (result) => {
        served = result;
        socket.send(FRAME.hello, { version: PROTOCOL_VERSION, ...result.hello });
      },
      (error: unknown) => {
        socket.send(FRAME.error, { ch: 0, ...describe(error) });
        socket.end();
      },
    );
  };

  const accept = async (frame: Frame): Promise<Served> => {
    if (frame.type !== FRAME.hello) throw new ExecError('invalid', 'the first frame is not a hello');
    const version = whole(frame.header, 'version');
    if (version !== PROTOCOL_VERSION) {
      throw new ExecError('invalid', `version ${version} is not spoken here, but ${PROTOCOL_VERSION}`);
    }
    return handler.open(frame.header);
  };

  const begin = (frame: Frame, to: Served): void => {
    const ch = whole(frame.header, 'ch', 1);
    const op = text(frame.header, 'op');
    if (operations.has(ch)) throw new ExecError('invalid', `channel ${ch} is in use`);
    if (operations.size >= MAX_OPEN) throw new ExecError('invalid', 'too many operations at once');
    const operation = { abort: new AbortController(), credit: new CreditGate() };
    operations.set(ch, operation);
    stdinWaiting += frame.size;
    void run(ch, op, frame, to, operation)
      .catch((error: unknown) => {
        if (!(error instanceof ExecError)) handler.failed?.(error, op);
        if (!socket.closed) socket.send(FRAME.error, { ch, ...describe(error) });
      })
      .finally(() => {
        stdinWaiting -= frame.size;
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
      const follow = header.follow === undefined ? true : optionalFlag(header, 'follow');
      credit.add(header.credit === undefined ? DEFAULT_CREDIT_BYTES : whole(header, 'credit', 1));
      const events = channel.read(execId(header), whole(header, 'from'), { follow, signal: abort.signal });
      await pump(socket, { ch }, events, credit, abort.signal);
      socket.send(FRAME.ok, { ch });
      return;
    }
    if (op === 'stdin' && stdinWaiting > MAX_STDIN_WAITING) {
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
  if (!call) throw new ExecError('invalid', `there is no operation ${op} here`);
  return call(op, params, signal);
};

/** Sends the events as credit and the connection allow. What waits, waits with its producer. */
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
  for (let sent = 0; sent < event.data.byteLength; sent += MAX_CHUNK_BYTES) {
    if (!credit.open) await credit.wait(signal);
    if (signal.aborted || socket.closed) return false;
    const data = event.data.subarray(sent, sent + MAX_CHUNK_BYTES);
    const room = socket.send(FRAME.chunk, { ...address, seq: event.seq + sent, stream: event.stream }, data);
    credit.take(data.byteLength + EVENT_COST_BYTES);
    if (!room) await socket.drained();
  }
  return true;
};

export const describe = (error: unknown): { code: string; message: string } => {
  if (error instanceof ExecError) return { code: error.code, message: error.message };
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return { code: error.code, message: error.message };
  }
  return { code: 'internal', message: 'the operation failed; the log of the other side says why' };
};
