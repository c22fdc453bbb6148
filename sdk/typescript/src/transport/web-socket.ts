import { ConnectionFailed, type OnMemOSError, Unauthenticated } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import type { Ticket } from '../types.ts';
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
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/**
 * Opens a WebSocket of a session, by a ticket of its own.
 * @throws OnMemOSError of the ticket; ConnectionFailed where the socket does not open
 */
export const openSocket = async (
  transport: Transport,
  target: { readonly session_id: string; readonly path: string; readonly query?: Query },
  handler: SocketHandler,
  options: CallOptions = {},
): Promise<OpenSocket> => {
  const request = { method: 'POST', path: path`/v1/sessions/${target.session_id}/ticket` } as const;
  const { subprotocol } = await transport.json<Ticket>(request, options);
  options.signal?.throwIfAborted();

  const { baseUrl, timeoutMs } = transport.settings;
  const url = `${baseUrl.replace(/^http/, 'ws')}${target.path}${queryString(target.query)}`;
  const socket = new WebSocket(url, [SUBPROTOCOL, subprotocol]);
  socket.binaryType = 'arraybuffer';
  const failed = (why: string): ConnectionFailed => new ConnectionFailed(baseUrl, new Error(why));
  const opening = Promise.withResolvers<OpenSocket>();
  let open = false;

  const timer = setTimeout(() => socket.close(), options.timeoutMs ?? timeoutMs);
  const aborted = (): void => {
    opening.reject(options.signal?.reason);
    socket.close();
  };
  options.signal?.addEventListener('abort', aborted, { once: true });

  socket.addEventListener('open', () => {
    open = true;
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', aborted);
    opening.resolve({ send: (data) => socket.send(data), close: () => socket.close(1000) });
  });
  socket.addEventListener('message', ({ data }) => {
    handler.message(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer));
  });
  socket.addEventListener('close', ({ code, reason }) => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', aborted);
    if (!open) opening.reject(failed(`The WebSocket did not open (${code})`));
    else if (code === 1000) handler.closed(null);
    else handler.closed(code === CLOSE_ACCESS_LOST ? accessLost() : failed(`The WebSocket closed: ${code} ${reason}`));
  });
  return opening.promise;
};

const accessLost = (): OnMemOSError =>
  new Unauthenticated({ code: 'unauthenticated', status: 401, message: 'Authentication failed - check API key' });
