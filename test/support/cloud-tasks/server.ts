import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type Behaviour, DEFAULT_BEHAVIOUR } from './behaviour.ts';
import { Sender } from './delivery.ts';
import { type Faults, NO_FAULTS } from './faults.ts';
import { implementationOf } from './methods.ts';
import { createPages } from './pages.ts';
import { cloudTasksService } from './protos.ts';
import { Queues } from './queues.ts';
import { ServerClock } from './server-clock.ts';
import { Tokens } from './tokens.ts';
import type { Counts, World } from './world.ts';

const HOST = '127.0.0.1';

export interface CloudTasksOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly pages_port?: number;
  readonly issuer?: string;
  /** How many times as fast durations of the server’s own pass. Default 1. */
  readonly factor?: number;
  readonly behaviour?: Partial<Behaviour>;
  readonly faults?: Partial<Faults>;
}

/** A Cloud Tasks service on loopback, with its state in memory. */
export interface CloudTasksServer {
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
  /** The documents of the keys, as certificates and as JSON web keys. */
  readonly certs_url: string;
  readonly jwks_url: string;
  readonly pages_url: string;
  readonly clock: ServerClock;
  readonly tokens: Tokens;
  readonly counts: Counts;
  faults(): Faults;
  /** Changes the faults named; the others stay. */
  setFaults(faults: Partial<Faults>): void;
  /** The share of its rate that the system leaves to a queue, by its full name. */
  shareOf(queue: string): number;
  stop(): Promise<void>;
}

export const startCloudTasks = async (options: CloudTasksOptions = {}): Promise<CloudTasksServer> => {
  const { issuer = 'https://accounts.google.com', factor = 1 } = options;
  const behaviour = { ...DEFAULT_BEHAVIOUR, ...options.behaviour };
  const stopping = new AbortController();
  const underway = new Set<Promise<unknown>>();
  const clock = new ServerClock(factor);
  const world: World = {
    behaviour,
    clock,
    counts: {
      ...{ created: 0, deliveries: 0, duplicates: 0, dropped: 0, lost_acknowledgements: 0, lost_answers: 0 },
      ...{ creating: 0, most_creating: 0, longest_wait_ms: 0, calls: {} },
    },
    sender: new Sender(behaviour.redirects === 'followed'),
    tokens: await Tokens.create(issuer),
    faults: { ...NO_FAULTS, ...options.faults },
    stopping: stopping.signal,
    underway: (work) => {
      const kept = work.catch(() => undefined).finally(() => underway.delete(kept));
      underway.add(kept);
    },
  };
  const queues = new Queues(world);
  const setFaults = (changed: Partial<Faults>): void => {
    world.faults = { ...world.faults, ...changed };
    for (const queue of queues.all) queue.pump();
  };

  const rpc = new Server();
  rpc.addService(cloudTasksService(), implementationOf(queues, world));
  const port = await new Promise<number>((resolve, reject) => {
    rpc.bindAsync(`${HOST}:${options.port ?? 0}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const faults = (): Faults => world.faults;
  const pages = createPages({ tokens: world.tokens, counts: world.counts, faults, setFaults });
  pages.listen(options.pages_port ?? 0, HOST);
  await once(pages, 'listening');
  const pages_url = `http://${HOST}:${(pages.address() as AddressInfo).port}`;

  return {
    ...{ host: HOST, port, issuer, pages_url, clock, tokens: world.tokens, counts: world.counts, faults, setFaults },
    certs_url: `${pages_url}/oauth2/v1/certs`,
    jwks_url: `${pages_url}/oauth2/v3/certs`,
    shareOf: (name) => queues.find(name).share,
    stop: async () => {
      for (const queue of queues.all) queue.close();
      stopping.abort();
      clock.stop();
      rpc.forceShutdown();
      pages.closeAllConnections();
      await new Promise((resolve) => pages.close(resolve));
      await Promise.all(underway);
      world.sender.close();
    },
  };
};
