import type { Server, ServerResponse } from 'node:http';
import { createAdaptorServer, type WebSocketServerLike } from '@hono/node-server';
import { listen, type Serving } from '#platform/listen.ts';
import type { Clock } from '#ports/clock.ts';
import type { Api } from './app.ts';

export type { Serving };

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
  /** How long a close waits for open answers. */
  readonly grace_ms?: number;
}

const GRACE_MS = 5_000;

/** What answers requests: the app, or what a deployable has put around it. */
interface Served extends Pick<Api, 'websocket'> {
  readonly app: Pick<Api['app'], 'fetch'>;
}

/** Listens. Rejects with Node's error where the port is taken. */
export const serveApi = ({ app, websocket }: Served, options: ServeOptions): Promise<Serving> => {
  const { host, port, clock, calls, grace_ms = GRACE_MS } = options;
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
  return listen(server as Server, { host, port, clock, grace_ms, sockets: () => websocket.server.clients });
};
