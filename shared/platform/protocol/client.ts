import type { Duplex } from 'node:stream';
import { ExecError, type OutputEvent, type ReadOptions } from '#ports/exec.ts';
import { outputMemory } from '../output-memory.ts';
import { DEFAULT_CREDIT_BYTES, EVENT_COST_BYTES, PING_INTERVAL_MS } from './bounds.ts';
import { CallError } from './call-error.ts';
import { EventQueue } from './event-queue.ts';
import { frameSocket } from './frame-socket.ts';
import { FRAME, type Frame, type Header, ProtocolError } from './frames.ts';
import { answeredHello, offeredVersions, VersionRefused } from './hello.ts';
import { keepAlive } from './keep-alive.ts';
import {
  instant,
  isExecErrorCode,
  optional,
  optionalFlag,
  readExecState,
  readNotStarted,
  text,
  whole,
} from './wire.ts';

/** One connection that carries many operations at once, each on a separate channel number. */
export interface FrameClient {
  /** @throws ExecError, CallError; ExecError `unavailable` if the connection breaks before the answer */
  call(op: string, params: Header, options?: { data?: Uint8Array; signal?: AbortSignal }): Promise<unknown>;
  read(exec_id: string, from: number, options?: ReadOptions): AsyncIterable<OutputEvent>;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<Error>;
  readonly open: boolean;
  close(): void;
}

export interface ConnectOptions {
  /**
   * The session to reach, if the peer has several. Without it a keeper treats the connection as a control connection.
   */
  readonly session?: string;
  /** Most bytes of output that wait unread on this side, for each read. */
  readonly credit_bytes?: number;
  /** The interval of pings to a silent peer; 0 for local sockets, which need none. */
  readonly keepalive_ms?: number;
}

interface Pending {
  frame(frame: Frame): void;
  fail(error: Error): void;
}

/** What all reads of this process together are given at most, but for the least of each. */
const ALL_CREDIT_BYTES = 128 * 1024 * 1024;
const LEAST_CREDIT_BYTES = 128 * 1024;
let openReads = 0;

/** The credit of one more read: the more are open, the less each holds for a reader that takes its time. */
const creditOfNext = (most: number): number =>
  Math.min(most, Math.max(LEAST_CREDIT_BYTES, Math.floor(ALL_CREDIT_BYTES / (openReads + 1))));

/**
 * Sends a hello and waits for the peer's. @throws ExecError, CallError if the peer refuses; VersionRefused if the
 * versions differ
 */
export const connectFrames = async (stream: Duplex, options: ConnectOptions = {}): Promise<FrameClient> => {
  const pending = new Map<number, Pending>();
  const greeted = Promise.withResolvers<Header>();
  const over = Promise.withResolvers<Error>();
  const { credit_bytes = DEFAULT_CREDIT_BYTES } = options;
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
      const refused = error instanceof ExecError || error instanceof CallError;
      const lost = refused ? error : new ExecError('unavailable', `the connection broke: ${error.message}`);
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
    const window = creditOfNext(credit_bytes);
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
    openReads++;
    try {
      const { follow = true, hold } = options;
      socket.send(FRAME.call, { ch, op: 'read', exec_id, from, follow, credit: window, hold });
      let taken = 0;
      for (;;) {
        const item = await queue.next();
        if (!item || options.signal?.aborted) return;
        yield item.event;
        taken += item.cost;
        if (taken < window / 4) continue;
        outputMemory.passed(taken);
        granted += taken;
        socket.send(FRAME.credit, { ch, bytes: taken });
        taken = 0;
      }
    } finally {
      openReads--;
      options.signal?.removeEventListener('abort', stop);
      if (pending.delete(ch)) socket.send(FRAME.cancel, { ch });
    }
  }

  const alive = keepAlive(options.keepalive_ms ?? PING_INTERVAL_MS, {
    ping: () => void call('ping', {}).catch(() => {}),
    dead: () => socket.destroy(new Error('the peer sent nothing for too long')),
  });
  const { session } = options;
  socket.send(FRAME.hello, { ...offeredVersions(), ...(session === undefined ? {} : { session }) });
  await greeted.promise;
  return {
    call,
    read,
    closed: over.promise,
    get open() {
      return !socket.closed;
    },
    close: () => socket.destroy(),
  };
};

const readHello = (frame: Frame): Header => {
  if (frame.type !== FRAME.error) return answeredHello(frame);
  const error = readError(frame.header);
  throw error instanceof CallError && error.code === 'version' ? new VersionRefused(error.message) : error;
};

const readError = (header: Header): Error => {
  const code = text(header, 'code');
  const message = text(header, 'message');
  return isExecErrorCode(code) ? new ExecError(code, message, readNotStarted(header)) : new CallError(code, message);
};

const readGap = (header: Header): OutputEvent => ({
  type: 'gap',
  from: whole(header, 'from'),
  to: whole(header, 'to'),
});

/** One event for each slice of the frame, without copying. The first event carries the cost of the whole frame. */
const chunkEvents = function* (frame: Frame): Generator<{ event: OutputEvent; cost: number }> {
  let seq = whole(frame.header, 'seq');
  const stream = text(frame.header, 'stream') === 'stderr' ? 'stderr' : 'stdout';
  // An earlier keeper or agent sends no time.
  const time = optional(frame.header, 'time', instant) ?? null;
  let cost = frame.bytes + EVENT_COST_BYTES;
  for (const data of frame.data) {
    yield { event: { type: 'chunk', seq, stream, time, data }, cost };
    seq += data.byteLength;
    cost = 0;
  }
};

/** The list of execs comes in pages; this field says that there is another. */
export const hasMore = (page: Header): boolean => optionalFlag(page, 'more');
