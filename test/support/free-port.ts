import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what Linux, macOS and Windows give to connections by themselves: one of those could take it meanwhile. */
const [FIRST, END] = [10_240, 32_768];
const given = new Set<number>();

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  const listening = once(server.listen(port, '127.0.0.1'), 'listening').then(
    () => true,
    () => false,
  );
  if (!(await listening)) return false;
  server.close();
  await once(server, 'close');
  return true;
};

/** A port of loopback that nothing listens on: for programs that can't choose one themselves. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(FIRST, END);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
};
