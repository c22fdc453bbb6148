import { createServer, type Server, type Socket } from 'node:net';
import { chmod, rm } from 'node:fs/promises';
import { LAST_WORDS_MS } from '#platform/protocol/bounds.ts';
import { serveExec, type Served } from '#platform/protocol/serve.ts';
import type { Header } from '#platform/protocol/frames.ts';
import { optional, text } from '#platform/protocol/wire.ts';
import type { Clock } from '#ports/clock.ts';
import { ExecError } from '#ports/exec.ts';
import type { Logger } from '#ports/logger.ts';
import { control, type ControlContext } from './control.ts';
import { otherKeeperError } from './sessions.ts';

export interface KeeperServer {
  readonly connections: number;
  /** Accepts no further connection. Open ones end with the process, which tells their peers. */
  refuse(): Promise<void>;
}

export interface KeeperServerOptions {
  readonly path: string;
  readonly context: ControlContext;
  readonly clock: Clock;
  readonly log: Logger;
  /** The number of connections changed. */
  readonly changed: () => void;
}

/**
 * Listens on a socket that only this user can open. The caller holds the instance lock, so an existing socket file is
 * stale.
 */
export const listen = async ({ path, context, clock, log, changed }: KeeperServerOptions): Promise<KeeperServer> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    changed();
    const connection = serveExec(socket, {
      open: (hello) => open(context, hello, clock, () => socket.destroySoon()),
      failed: (error, op) => log.error({ error, op }, 'an operation failed'),
    });
    void connection.closed.then(() => {
      sockets.delete(socket);
      changed();
    });
  });
  await rm(path, { force: true });
  // The folder is closed to others, so that the socket is never reachable before its mode is set.
  await bind(server, path);
  await chmod(path, 0o600);
  return {
    get connections() {
      return sockets.size;
    },
    refuse: async () => {
      server.close();
      await rm(path, { force: true });
    },
  };
};

/** A connection is for one session's execs where its hello names one, else for control. */
const open = async (context: ControlContext, hello: Header, clock: Clock, end: () => void): Promise<Served> => {
  const key = optional(hello, 'session', text);
  if (key === undefined) return { channel: null, call: (op, params) => control(context, op, params) };
  const session = context.sessions.find(key);
  await session?.started.catch(() => {});
  const channel = session?.execs;
  if (!channel) {
    if ((await context.sessions.inOtherKeeper(key))?.record.state === 'running') throw otherKeeperError();
    throw new ExecError('no_such_session', `the session ${key} is not there or has ended`);
  }
  // Readers get the end of their execs before the connection of an ended session closes.
  void session.ended.then(() => clock.timer(LAST_WORDS_MS, end));
  return { channel };
};

const bind = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
