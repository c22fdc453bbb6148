import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type Api, apiOf } from '../../acceptance/support/api.ts';
import {
  keeperPids,
  launch,
  type RunningServer,
  type ServerOptions,
  startServer,
  stopServer,
} from '../../acceptance/support/server.ts';
import { HANGS_SECONDS, until } from '../../acceptance/support/until.ts';

export interface Served extends RunningServer {
  readonly api: Api;
}

/** Folders and servers of one test, which are gone after it. */
export const ground = () => {
  const servers = new Map<string, RunningServer>();
  const folders: string[] = [];

  const folder = async (owner?: number): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), 'onmemos-process-'));
    if (owner !== undefined) await chown(made, owner, owner);
    folders.push(made);
    return made;
  };
  const start = async (options: ServerOptions & { readonly dataDir: string }): Promise<Served> => {
    const server = await startServer(options);
    servers.set(options.dataDir, server);
    return { ...server, api: apiOf(server.url, server.key) };
  };
  /** Starts it and waits for its end, which is to come by itself. */
  const refuse = async (options: Parameters<typeof launch>[0]) => {
    const { child, ended, printed } = launch(options);
    const late = setTimeout(() => child.kill('SIGTERM'), HANGS_SECONDS * 1000);
    const end = await ended;
    clearTimeout(late);
    return { ...end, printed: printed() };
  };

  afterEach(async ({ task }) => {
    for (const [dataDir, server] of servers) {
      if (task.result?.state === 'fail') console.error(`the last server of ${dataDir} printed:\n${server.printed()}`);
      const running = server.child.exitCode === null && server.child.signalCode === null;
      if (running) await stopServer(server);
    }
    for (const dataDir of new Set([...servers.keys(), ...folders])) {
      for (const pid of await keeperPids(dataDir)) process.kill(pid, 'SIGTERM');
      await until('the keeper ends', async () => (await keeperPids(dataDir)).length === 0);
    }
    servers.clear();
    for (const made of folders.splice(0)) await rm(made, { recursive: true, force: true });
  });
  return { folder, start, refuse };
};
