import { ConnectionFailed, Invalid } from '../errors.ts';
import type { ExecKit } from '../kit.ts';
import type { OutputOptions } from '../options.ts';
import { path } from '../transport/path.ts';
import { type OpenSocket, openSocket } from '../transport/web-socket.ts';
import type { Exec, StreamName } from '../types.ts';
import { EventQueue } from './event-queue.ts';
import { encodeFrame, FRAME, type Frame, frameDecoder, PROTOCOL_VERSION } from './frames.ts';
import type { Link } from './link.ts';
import { Continuity, type OutputEvent, outputChunk } from './output-event.ts';
import { type Connection, resumed } from './resumed.ts';

/** Output that may wait for its reader, bytes. */
const WINDOW_BYTES = 2 * 1024 * 1024;
/** What a chunk or a gap takes of the window beside its bytes. */
const EVENT_COST_BYTES = 64;
/** Window that is given back at once: fewer frames for many small chunks. */
const CREDIT_STEP_BYTES = 256 * 1024;

/** A command's output by a WebSocket, from an offset on to its exit; input goes through the link meanwhile. */
export const attachOutput = (
  kit: ExecKit,
  exec: Exec,
  link: Link,
  options: OutputOptions = {},
): AsyncGenerator<OutputEvent, void, undefined> => {
  const order = new Continuity(options.from ?? 0);
  return resumed(kit.transport, exec, options, () => connection(kit, exec, order, link, options));
};

async function* connection(
  kit: ExecKit,
  exec: Exec,
  order: Continuity,
  link: Link,
  options: OutputOptions,
): Connection<OutputEvent> {
  const frames = new EventQueue<Frame>();
  const own: { socket: OpenSocket | null } = { socket: null };
  const cut = (): void => {
    if (own.socket) link.cut(own.socket);
  };
  const made = link.opening();
  try {
    const socket = await opened(kit, exec, order.next, frameHandler(kit, frames, link, cut), options);
    own.socket = socket;
    socket.send(encodeFrame(FRAME.hello, { version: PROTOCOL_VERSION, credit: WINDOW_BYTES }));
    link.opened(socket);
    made();
    for (let used = 0; ; ) {
      const frame = await frames.next(options.signal);
      const event = outputEvent(exec, frame);
      if (event === null) continue;
      yield* order.take(event);
      if (event.type === 'exit') return 'ended';
      used += frame.data.length + EVENT_COST_BYTES;
      if (used < CREDIT_STEP_BYTES) continue;
      socket.send(encodeFrame(FRAME.credit, { bytes: used }));
      used = 0;
    }
  } finally {
    made();
    cut();
    own.socket?.close();
  }
}

/** @throws what the command's record says, where the socket alone can't tell why it did not open */
const opened = async (
  { transport, execs }: ExecKit,
  { session_id, exec_id }: Exec,
  from: number,
  handler: Parameters<typeof openSocket>[2],
  { hold, ...options }: OutputOptions,
): Promise<OpenSocket> => {
  const once = { ...options, maxRetries: 0 };
  const target = { session_id, path: path`/v1/sessions/${session_id}/execs/${exec_id}/attach`, query: { from, hold } };
  try {
    return await openSocket(transport, target, handler, once);
  } catch (error) {
    if (error instanceof ConnectionFailed) await execs.get(session_id, exec_id, once);
    throw error;
  }
};

/** Answers to input go to the link at once; what is output waits for its reader. */
const frameHandler = (
  { transport }: ExecKit,
  frames: EventQueue<Frame>,
  link: Link,
  cut: () => void,
): Parameters<typeof openSocket>[2] => {
  const decode = frameDecoder();
  const broken = (error: unknown): ConnectionFailed => new ConnectionFailed(transport.settings.baseUrl, error);
  const take = (frame: Frame): void => {
    if (frame.type === FRAME.accepted) link.accepted();
    else if (frame.type === FRAME.error) refuse(frame.header as { readonly code: string; readonly message: string });
    else {
      // At once, not when the reader comes to it: the reader may be the one that waits for its input to be taken.
      if (frame.type === FRAME.exit) link.ended();
      frames.push(frame);
    }
  };
  const refuse = ({ code, message }: { readonly code: string; readonly message: string }): void => {
    if (code === 'stdin_closed' || code === 'stdin_gap' || code === 'ended')
      link.refused(message, code === 'stdin_gap');
    else if (code === 'past_end') frames.fail(new Invalid({ code: 'invalid', message }));
    // A size that is refused, as by a command without a terminal, changes nothing.
    else if (code !== 'invalid') frames.fail(broken(new Error(message)));
  };
  return {
    message: (data) => {
      if (typeof data === 'string') return;
      try {
        for (const frame of decode(data)) take(frame);
      } catch (error) {
        frames.fail(broken(error));
      }
    },
    closed: (error) => {
      cut();
      frames.fail(error ?? broken(new Error('The WebSocket closed before the command ended')));
    },
  };
};

interface ExitState extends Pick<Exec, 'status' | 'exit_code' | 'signal' | 'next_offset' | 'stdin_offset'> {
  /** Milliseconds since the epoch. */
  readonly ended_at: number | null;
  /** Not sent by an earlier keeper or agent. */
  readonly signal_number?: number | null;
  readonly missing_from?: number | null;
}

/** A frame as what it says; null for one that is no output. */
const outputEvent = (exec: Exec, { type, header, data }: Frame): OutputEvent | null => {
  if (type === FRAME.chunk) {
    const time = header['time'] as number | null | undefined;
    const at = time === undefined || time === null ? null : new Date(time).toISOString();
    return outputChunk(Number(header['seq']), header['stream'] as StreamName, data, at);
  }
  if (type === FRAME.gap) return { type: 'gap', from: Number(header['from']), to: Number(header['to']) };
  if (type !== FRAME.exit) return null;
  const { status, exit_code, signal, next_offset, stdin_offset, ...state } = header['exec'] as ExitState;
  const { signal_number = null, missing_from = null } = state;
  const ended_at = state.ended_at === null ? null : new Date(state.ended_at).toISOString();
  const truncated = missing_from !== null;
  const now = {
    status,
    exit_code,
    signal,
    signal_number,
    next_offset,
    truncated,
    missing_from,
    stdin_offset,
    ended_at,
  };
  return { type: 'exit', exec: { ...exec, ...now } };
};
