import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '#ports/clock.ts';

export interface Serving {
  readonly port: number;
  readonly url: string;
  /** Accepts no more connections, closes WebSockets, waits for open answers until its time is up, and aborts the rest. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly clock: Pick<Clock, 'timer'>;
  /** How long `close` waits for open answers. */
  readonly grace_ms: number;
  /** The open WebSockets of the server, which counts none of them as an answer. */
  readonly sockets?: () => Iterable<OpenSocket>;
}

interface OpenSocket {
  close(code: number, reason: string): void;
  terminate(): void;
}

/** A client takes this as the loss of a connection, and connects again. */
const CLOSE_GOING_AWAY = 1001;

/** Makes a server listen. Rejects with Node's error where the port is taken. */
export const listen = (server: Server, options: ListenOptions): Promise<Serving> => {
  const { host, port, clock, grace_ms, sockets = () => [] } = options;
  let closing = false;
  // A client would keep its connection for its next request, and hold up the end until the time is up.
  server.on('request', (_request: unknown, response: ServerResponse) => {
    if (closing) response.setHeader('connection', 'close');
    response.once('close', () => {
      if (closing) clock.timer(0, () => server.closeIdleConnections());
    });
  });
  const close = async (): Promise<void> => {
    closing = true;
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    for (const socket of sockets()) socket.close(CLOSE_GOING_AWAY, 'the server is going away');
    server.closeIdleConnections();
    const timer = clock.timer(grace_ms, () => {
      for (const socket of sockets()) socket.terminate();
      server.closeAllConnections();
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
