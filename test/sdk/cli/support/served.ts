import { type RunningServer, startServer, stopServer } from '../../../acceptance/support/server.ts';
import { type Home, makeHome } from './cli.ts';

/** A server, and the home of a person whose environment names it and a user. */
export interface Served {
  readonly server: RunningServer;
  readonly home: Home;
}

export const openServed = async (): Promise<Served> => {
  const server = await startServer();
  const home = await makeHome({ ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key, ONMEMOS_USER: 'ada' });
  return { server, home };
};

export const closeServed = async ({ server, home }: Served): Promise<void> => {
  await stopServer(server);
  await home.remove();
};
