import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpRelay {
  /** `host:port` of the relay. */
  readonly host: string;
  /** Connections that were opened so far. */
  connections(): number;
  /** From now on nothing passes over the connections that are open. They stay open, and new ones pass. */
  swallow(): void;
  /** Lets pass again what they have sent meanwhile. */
  letPass(): void;
  stop(): Promise<void>;
}

/** Passes bytes on to a server over connections that a test can make silent. @param target `host:port` */
export const startTcpRelay = async (target: string): Promise<TcpRelay> => {
  const [host = '', port = ''] = target.split(':');
  const open = new Set<readonly [Socket, Socket]>();
  const silent = new Set<readonly [Socket, Socket]>();
  let connections = 0;
  const server = createServer((near) => {
    connections += 1;
    const pair = [near, connect(Number(port), host)] as const;
    const [, far] = pair;
    open.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    swallow: () => {
      for (const pair of open) {
        silent.add(pair);
        const [near, far] = pair;
        near.unpipe(far);
        far.unpipe(near);
      }
    },
    letPass: () => {
      for (const [near, far] of silent) {
        near.pipe(far);
        far.pipe(near);
      }
      silent.clear();
    },
    stop: async () => {
      for (const pair of open) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
