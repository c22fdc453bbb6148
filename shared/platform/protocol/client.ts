import type { Duplex } from 'node:stream';
import { ExecError, type OutputEvent, type ReadOptions } from '#ports/exec.ts';
import { EventQueue } from './event-queue.ts';
import { frameSocket } from './frame-socket.ts';
import {
  DEFAULT_CREDIT_BYTES,
  EVENT_COST_BYTES,
  FRAME,
  type Frame,
  type Header,
  PROTOCOL_VERSION,
  ProtocolError,
} from './frames.ts';
import { keepAlive } from './keep-alive.ts';
import { isExecErrorCode, optionalFlag, readExecState, text, whole } from './wire.ts';

/** A refusal with a code that the exec contract does not have. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** One connection that carries many operations at once, each on a channel number of its own. */
export interface FrameClient {
  /** @throws ExecError, CallError; ExecError `unavailable` when the connection breaks before the answer. */
  call(op: string, params: Header, options?: { data?: Uint8Array; signal?: AbortSignal }): Promise<unknown>;
  read(exec_id: string, from: number, options?: ReadOptions): AsyncIterable<OutputEvent>;
  /** What the peer said of itself. */
  readonly hello: Header;
  /** Resolves, once, when the connection is over. */
  readonly closed: Promise<Error>;
  readonly open: boolean;
  close(): void;
}

export interface ConnectOptions {
  /** Further fields of the hello: `session`, `role`, `token`. */
  readonly hello?: Header;
  /** Bytes of output that may wait unread on this side, for each read. */
  readonly credit_bytes?: number;
  /** Breaks a connection on which nothing was heard for three times this long; 0 (for local sockets) is never. */
  readonly keepalive_ms?: number;
}

interface Pending {
  frame(frame: Frame): void;
  fail(error: Error): void;
}

/** Says hello and waits for the peer's. @throws ExecError when it refuses or another version answers. */
export const connectFrames = async (stream: Duplex, options: ConnectOptions = {}): Promise<FrameClient> => {
  const pending = new Map<number, Pending>();
  const greeted = Promise.withResolvers<Header>();
  const over = Promise.withResolvers<Error>();
  const window = options.credit_bytes ?? DEFAULT_CREDIT_BYTES;
  let channels = 0;
  let hello: Header | null = null;

  const socket = frameSocket(stream, {
    frame: (frame) => {
      alive.heard();
      if (!hello) {
        hello = readHello(frame);
        greeted.resolve(hello);
        return;
      }
      pending.get(whole(frame.header, 'ch'))?.frame(frame);
    },
    closed: (error) => {
      alive.stop();
      const lost =
        error instanceof ExecError ? error : new ExecError('unavailable', `the connection broke: ${error.message}`);
      greeted.reject(lost);
      for (const operation of [...pending.values()]) operation.fail(lost);
      pending.clear();
      over.resolve(lost);
    },
  });

  const open = (operation: Pending): number => {
    channels++;
    pending.set(channels, operation);
    return channels;
  };

  const call: FrameClient['call'] = (op, params, { data, signal } = {}) =>
    new Promise((resolve, reject) => {
      if (socket.closed) return reject(new ExecError('unavailable', 'the connection is closed'));
      if (signal?.aborted) return reject(signal.reason);
      const settle = (): void => {
        pending.delete(ch);
        signal?.removeEventListener('abort', aborted);
      };
      const fail = (error: Error): void => {
        settle();
        reject(error);
      };
      const ch = open({
        frame: (frame) => {
          if (frame.type === FRAME.ok) {
            settle();
            resolve(frame.header.result);
          } else if (frame.type === FRAME.error) fail(readError(frame.header));
        },
        fail,
      });
      const aborted = (): void => {
        socket.send(FRAME.cancel, { ch });
        fail(signal?.reason);
      };
      signal?.addEventListener('abort', aborted, { once: true });
      try {
        socket.send(FRAME.call, { ch, op, ...params }, data);
      } catch (error) {
        fail(new ExecError('invalid', error instanceof Error ? error.message : String(error)));
      }
    });

  async function* read(exec_id: string, from: number, options: ReadOptions = {}): AsyncGenerator<OutputEvent> {
    if (socket.closed) throw new ExecError('unavailable', 'the connection is closed');
    if (options.signal?.aborted) return;
    const queue = new EventQueue<{ readonly event: OutputEvent; readonly cost: number }>();
    let granted = window;
    const ch = open({
      frame: (frame) => {
        if (frame.type === FRAME.chunk || frame.type === FRAME.gap) {
          if (granted <= 0) throw new ProtocolError('output came without credit');
          granted -= frame.bytes + EVENT_COST_BYTES;
          if (frame.type === FRAME.gap) queue.push({ event: readGap(frame.header), cost: EVENT_COST_BYTES });
          else for (const item of chunkEvents(frame)) queue.push(item);
          return;
        }
        if (frame.type === FRAME.exit)
          queue.push({ event: { type: 'exit', exec: readExecState(frame.header.exec) }, cost: 0 });
        if (frame.type === FRAME.ok || frame.type === FRAME.exit) queue.end(null);
        else if (frame.type === FRAME.error) queue.end(readError(frame.header));
        if (frame.type === FRAME.ok || frame.type === FRAME.error) pending.delete(ch);
      },
      fail: (error) => queue.end(error),
    });
    const stop = (): void => queue.end(null);
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      socket.send(FRAME.call, { ch, op: 'read', exec_id, from, follow: options.follow ?? true, credit: window });
      let taken = 0;
      for (;;) {
        const item = await queue.next();
        if (!item || options.signal?.aborted) return;
        yield item.event;
        taken += item.cost;
        if (taken < window / 4) continue;
        granted += taken;
        socket.send(FRAME.credit, { ch, bytes: taken });
        taken = 0;
      }
    } finally {
      options.signal?.removeEventListener('abort', stop);
      if (pending.delete(ch)) socket.send(FRAME.cancel, { ch });
    }
  }

  const alive = keepAlive(options.keepalive_ms ?? 0, {
    ping: () => void call('ping', {}).catch(() => {}),
    dead: () => socket.destroy(new Error('nothing was heard for too long')),
  });
  socket.send(FRAME.hello, { version: PROTOCOL_VERSION, ...options.hello });
  const peer = await greeted.promise;
  return {
    call,
    read,
    hello: peer,
    closed: over.promise,
    get open() {
      return !socket.closed;
    },
    close: () => socket.destroy(),
  };
};

const readHello = (frame: Frame): Header => {
  if (frame.type === FRAME.error) throw readError(frame.header);
  if (frame.type !== FRAME.hello) throw new ProtocolError('the first frame is not a hello');
  const version = whole(frame.header, 'version');
  if (version !== PROTOCOL_VERSION) {
    throw new ProtocolError(`the peer speaks version ${version}, this side ${PROTOCOL_VERSION}`);
  }
  return frame.header;
};

const readError = (header: Header): Error => {
  const code = text(header, 'code');
  const message = text(header, 'message');
  return isExecErrorCode(code) ? new ExecError(code, message) : new CallError(code, message);
};

const readGap = (header: Header): OutputEvent => ({
  type: 'gap',
  from: whole(header, 'from'),
  to: whole(header, 'to'),
});

/** One event for each slice of the frame: nothing is copied. The frame's cost lies on the first. */
const chunkEvents = function* (frame: Frame): Generator<{ event: OutputEvent; cost: number }> {
  let seq = whole(frame.header, 'seq');
  const stream = text(frame.header, 'stream') === 'stderr' ? 'stderr' : 'stdout';
  let cost = frame.bytes + EVENT_COST_BYTES;
  for (const data of frame.data) {
    yield { event: { type: 'chunk', seq, stream, data }, cost };
    seq += data.byteLength;
    cost = 0;
  }
};

/** The list of execs comes in pages; this field says that there is another. */
export const hasMore = (page: Header): boolean => optionalFlag(page, 'more');
