import { ConnectionFailed, type OnMemOSError, SessionNotRunning, Unauthenticated } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import type { SessionRecord, Ticket } from '../types.ts';
import { pause } from './backoff.ts';
import { path, type Query, queryString } from './path.ts';
import type { Transport } from './transport.ts';

/** The subprotocol that is spoken; the ticket is offered beside it, because a browser can send no header. */
const SUBPROTOCOL = 'onmemos.v1';
/** The server closes so when the key has expired, was revoked, or no longer opens the session. */
const CLOSE_ACCESS_LOST = 4401;

/** What a socket tells; each of its messages, then once its end. */
export interface SocketHandler {
  message(data: string | Uint8Array): void;
  /** With what ended it: null for the server's normal end. */
  closed(error: OnMemOSError | null): void;
}

/** An open WebSocket. */
export interface OpenSocket {
  send(data: string | Uint8Array): void;
  close(): void;
}

/** Which WebSocket of which session. */
export interface SocketTarget {
  readonly session_id: string;
  readonly path: string;
  readonly query?: Query;
}

/**
 * Opens a WebSocket of a session, by a ticket of its own for each attempt.
 * @throws OnMemOSError of the ticket; SessionNotRunning; ConnectionFailed where the socket does not open otherwise
 */
export const openSocket = async (
  transport: Transport,
  target: SocketTarget,
  handler: SocketHandler,
  options: CallOptions = {},
): Promise<OpenSocket> => {
  const at = path`/v1/sessions/${target.session_id}`;
  // The calls before and after each attempt wait for a server that is away.
  const retries = transport.retries(options.maxRetries ?? transport.settings.maxRetries, 0);
  for (;;) {
    const { subprotocol } = await transport.json<Ticket>({ method: 'POST', path: `${at}/ticket` }, options);
    options.signal?.throwIfAborted();
    try {
      return await connected(transport, target, subprotocol, handler, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      // A socket that is refused does not say why.
      const { id, status } = await transport.json<SessionRecord>({ method: 'GET', path: at }, options);
      const message = `Session ${id} is ${status}`;
      if (status !== 'running') throw new SessionNotRunning({ code: 'session_not_running', message, cause: error });
      await pause(retries.delayAfter(error), options.signal);
    }
  }
};

const connected = (
  transport: Transport,
  target: SocketTarget,
  subprotocol: string,
  handler: SocketHandler,
  options: CallOptions,
): Promise<OpenSocket> => {
  const { baseUrl, timeoutMs } = transport.settings;
  const url = `${baseUrl.replace(/^http/, 'ws')}${target.path}${queryString(target.query)}`;
  const socket = new WebSocket(url, [SUBPROTOCOL, subprotocol]);
  socket.binaryType = 'arraybuffer';
  const opening = Promise.withResolvers<OpenSocket>();
  let state: 'opening' | 'open' | 'over' = 'opening';

  const over = (error: OnMemOSError | null): void => {
    const before = state;
    state = 'over';
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', aborted);
    if (before === 'open') handler.closed(error);
    else opening.reject(error);
  };
  const failed = (why: string): ConnectionFailed => new ConnectionFailed(baseUrl, new Error(why));
  const aborted = (): void => {
    socket.close();
    over(failed('The WebSocket was given up'));
  };
  const timer = setTimeout(aborted, options.timeoutMs ?? timeoutMs);
  options.signal?.addEventListener('abort', aborted, { once: true });

  socket.addEventListener('open', () => {
    if (state !== 'opening') return;
    state = 'open';
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', aborted);
    // A frame is never shared memory, which alone a socket would not take.
    const send = (data: string | Uint8Array): void => socket.send(data as string | Uint8Array<ArrayBuffer>);
    opening.resolve({ send, close: () => socket.close(1000) });
  });
  socket.addEventListener('message', ({ data }) => {
    handler.message(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer));
  });
  // Some platforms say of a socket that was refused or broke only that there was an error, and no close after it.
  socket.addEventListener('error', () => {
    if (state !== 'over') over(failed('The WebSocket was refused or broke'));
  });
  socket.addEventListener('close', ({ code, reason }) => {
    if (state === 'over') return;
    if (code === 1000 && state === 'open') over(null);
    else over(code === CLOSE_ACCESS_LOST ? accessLost() : failed(`The WebSocket closed: ${code} ${reason}`));
  });
  return opening.promise;
};

const accessLost = (): OnMemOSError =>
  new Unauthenticated({ code: 'unauthenticated', status: 401, message: 'Authentication failed - check API key' });
