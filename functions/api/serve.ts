import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type WebSocketServerLike } from '@hono/node-server';
import type { Clock } from '#ports/clock.ts';
import type { Api } from './app.ts';

export interface Serving {
  readonly port: number;
  readonly url: string;
  /** Accepts no more connections, closes WebSockets, waits 5 s for open answers, and aborts the rest. */
  close(): Promise<void>;
}

/** Told of every HTTP request and every WebSocket: when it comes, and when its connection has nothing more of it. */
export interface CallObserver {
  began(): void;
  ended(): void;
}

export interface ServeOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly clock: Pick<Clock, 'timer'>;
  readonly calls?: CallObserver;
}

const GRACE_MS = 5_000;
const CLOSE_GOING_AWAY = 1001;

/** Listens. Rejects with Node's error where the port is taken. */
export const serveApi = ({ app, websocket }: Api, { host, port, clock, calls }: ServeOptions): Promise<Serving> => {
  // The adapter's own description of a `ws` server is narrower than what it takes.
  const sockets = websocket.server as unknown as WebSocketServerLike;
  const server = createAdaptorServer({ fetch: app.fetch, hostname: host, websocket: { server: sockets } });
  if (calls) {
    const observe = (end: { once(event: 'close', ended: () => void): unknown }): void => {
      calls.began();
      end.once('close', () => calls.ended());
    };
    server.on('request', (_request: unknown, response: ServerResponse) => observe(response));
    // Not by `upgrade`: beside a second listener of it the adapter leaves refused upgrades without an answer.
    websocket.server.on('connection', (socket) => observe(socket));
  }

  const close = async (): Promise<void> => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    for (const socket of websocket.server.clients) socket.close(CLOSE_GOING_AWAY, 'the server is going away');
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    const timer = clock.timer(GRACE_MS, () => {
      for (const socket of websocket.server.clients) socket.terminate();
      if ('closeAllConnections' in server) server.closeAllConnections();
    });
    await closed.promise;
    timer.cancel();
  };

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address() as AddressInfo;
      const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      resolve({ port: address.port, url: `http://${shown}:${address.port}`, close });
    });
  });
};
