import { systemClock } from '#platform/clock.ts';
import { keeperPids, launch, type RunningServer, startServer } from '../acceptance/support/server.ts';
import { count, pause, violation, type World } from './world.ts';

/** A server in the hands of the run: started, killed and started again on one data folder. */
export interface Service {
  start(): Promise<void>;
  /** Starts one and kills it before it may have come to serve. */
  startAndKill(afterMs: number): Promise<void>;
  kill(what: 'server' | 'keeper' | 'both'): Promise<void>;
  /** Begins an orderly end and leaves it alone for so long. */
  askToStop(forMs: number): Promise<void>;
  /** As a service manager stops it: sessions go on. */
  terminate(): Promise<void>;
  /** As a person does, by Ctrl-C twice: the sessions end too. */
  stop(): Promise<void>;
  serverPid(): number | null;
  /** All that its servers have printed. */
  printed(): string;
}

const ENV = {
  ONMEMOS_SHADOW_PROVIDER: 'gke',
  ONMEMOS_METER_PERIOD_SECONDS: '1',
  ONMEMOS_LOG_LEVEL: 'warn',
} as const;
const STOP_LIMIT_MS = 45_000;

const within = async (what: string, done: () => Promise<boolean> | boolean): Promise<void> => {
  const end = systemClock.monotonic() + STOP_LIMIT_MS;
  while (!(await done())) {
    if (systemClock.monotonic() > end) throw new Error(`${what}: not within ${STOP_LIMIT_MS / 1000} s`);
    await pause(50);
  }
};

const sendKill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

export const serviceOf = (world: World, isolation: string): Service => {
  const env = { ...ENV, ONMEMOS_ISOLATION: isolation };
  let server: RunningServer | null = null;
  const printed: string[] = [];

  const ended = async (): Promise<void> => {
    await server?.ended;
    if (server) printed.push(server.printed());
    server = null;
    world.address = null;
  };

  return {
    printed: () => [...printed, server?.printed() ?? ''].join('\n--- the next server\n'),
    serverPid: () => server?.child.pid ?? null,
    start: async () => {
      server = await startServer({ dataDir: world.dataDir, env });
      world.starts += 1;
      world.address = { url: server.url, key: server.key };
    },
    startAndKill: async (afterMs) => {
      const started = launch({ dataDir: world.dataDir, env });
      await Promise.race([started.ended, pause(afterMs)]);
      if (started.child.exitCode !== null) {
        violation(world, `a server ended by itself at its start: ${started.printed().slice(-400)}`);
      }
      started.child.kill('SIGKILL');
      await started.ended;
      count(world, 'servers killed while starting');
    },
    kill: async (what) => {
      const keepers = what === 'server' ? [] : await keeperPids(world.dataDir);
      if (keepers.length > 0) {
        world.keepersKilled += 1;
        for (const session of world.sessions.values()) session.keeperDies();
        for (const pid of keepers) sendKill(pid);
        count(world, 'keepers killed');
      }
      if (what === 'keeper') return;
      world.address = null;
      server?.child.kill('SIGKILL');
      await ended();
      count(world, 'servers killed');
    },
    askToStop: async (forMs) => {
      server?.child.kill('SIGTERM');
      await pause(forMs);
      count(world, 'servers killed while ending');
    },
    terminate: async () => {
      server?.child.kill('SIGTERM');
      await ended();
    },
    stop: async () => {
      const { child } = server ?? {};
      child?.kill('SIGINT');
      await pause(500);
      child?.kill('SIGINT');
      await ended();
      await within('the keeper ends', async () => (await keeperPids(world.dataDir)).length === 0);
    },
  };
};
