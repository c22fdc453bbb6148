import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { serveConnection } from './connection.ts';
import type { Plan } from './plan.ts';
import { Tally } from './tally.ts';

export interface FaultProxy {
  readonly url: string;
  readonly tally: Tally;
  /** Ends all connections and takes no new one for so long, as a server does that is started anew. */
  interrupt(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Stands on loopback before a server of HTTP/1.1 and WebSockets and passes every byte on unchanged, but for the faults
 * of its plan. A client's connection has one of its own at the server.
 */
export const startFaultProxy = async (target: string, plan: Plan): Promise<FaultProxy> => {
  const { hostname, port } = new URL(target);
  const tally = new Tally();
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    tally.connections++;
    void serveConnection(client, { host: hostname, port: Number(port), plan, tally });
  });
  const listen = async (at: number): Promise<void> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const client of open) client.destroy();
    await closed;
  };
  await listen(0);
  let interruption = Promise.resolve();
  const own = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${own}`,
    tally,
    interrupt: (ms) => {
      interruption = close()
        .then(() => pause(ms))
        .then(() => listen(own));
      return interruption;
    },
    stop: () => interruption.then(close),
  };
};
