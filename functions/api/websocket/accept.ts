import { upgradeWebSocket } from '@hono/node-server';
import type { WebSocket } from 'ws';
import { Problem } from '#contract/errors.ts';
import { type ApiContext, nodeRequest } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import type { StreamKind } from '../metrics.ts';
import { type Access, watchAccess } from '../streams/access-watch.ts';

const PING_EVERY_MS = 30_000;
/** The key of an open stream has expired, was revoked, or no longer gives access to the session. */
const CLOSE_ACCESS_LOST = 4401;
export const CLOSE_NORMAL = 1000;
export const CLOSE_BROKEN = 1011;

/** @throws Problem malformed if the request is not an upgrade */
export const requireUpgrade = (c: ApiContext): void => {
  if (c.req.method === 'GET' && c.req.header('upgrade')?.toLowerCase() === 'websocket') return;
  throw new Problem('malformed', 'This route is a WebSocket: send an upgrade request.');
};

export interface Accepted {
  readonly kind: StreamKind;
  readonly access: Access;
  /** Called when the socket is open. */
  opened(socket: WebSocket): void;
  /** Called once, also if the handshake did not complete. `saidSo`: the client closed it by the word of the protocol. */
  closed(saidSo: boolean): void;
}

/** Closed with code 1000, or with none. */
const SAID_SO = ['closed_1000', 'closed_1005'];

/** Accepts an upgrade. Until the socket closes, sends pings and checks the caller's access. */
export const acceptSocket = (
  api: ApiDeps,
  c: ApiContext,
  { kind, access, opened, closed }: Accepted,
): Promise<Response> => {
  const ended = Promise.withResolvers<string>();
  const streamEnded = api.metrics.stream(kind);
  const stops: (() => void)[] = [];
  let over = false;
  const end = (outcome: string): void => {
    if (over) return;
    over = true;
    for (const stop of stops) stop();
    streamEnded();
    ended.resolve(outcome);
    closed(SAID_SO.includes(outcome));
  };
  c.set('ending', ended.promise);
  // Later than the event of the WebSocket, which knows whether the client said so.
  nodeRequest(c)?.socket.once('close', () => void api.clock.sleep(0).then(() => end('client_gone')));

  return upgradeWebSocket(c, {
    onOpen: (_event, context) => {
      const socket = context.raw as unknown as WebSocket;
      if (over) {
        socket.terminate();
        return;
      }
      stops.push(
        watchAccess(api, access, () =>
          socket.close(CLOSE_ACCESS_LOST, 'the key no longer gives access to this session'),
        ),
      );
      stops.push(pinged(api, socket));
      socket.on('error', (error) => api.log.debug({ kind, error }, 'a WebSocket broke'));
      opened(socket);
    },
    onClose: (event) => {
      const level = event.code === CLOSE_NORMAL ? 'debug' : 'info';
      api.log[level]({ kind, close_code: event.code, request_id: c.get('request_id') }, 'WebSocket closed');
      end(`closed_${event.code}`);
    },
  });
};

/**
 * Closes a socket whose peer has sent nothing between two pings. A peer that was paused because a command does not read
 * is not checked, as its answers wait unread.
 */
const pinged = (api: ApiDeps, socket: WebSocket): (() => void) => {
  let alive = true;
  const heard = (): void => {
    alive = true;
  };
  socket.on('pong', heard);
  socket.on('message', heard);
  const ping = (): void => {
    if (!alive && !socket.isPaused) {
      socket.terminate();
      return;
    }
    alive = false;
    socket.ping();
    timer = api.clock.timer(PING_EVERY_MS, ping);
  };
  let timer = api.clock.timer(PING_EVERY_MS, ping);
  return () => timer.cancel();
};

/** A close reason may have 123 bytes. */
export const closeReason = (text: string): string => {
  let reason = text;
  while (Buffer.byteLength(reason) > 123) reason = reason.slice(0, -1);
  return reason.toWellFormed();
};
