import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { keeperFolder } from '#platform/keeper-folders.ts';
import { writeKeeperIdentity } from '#platform/keeper-identity.ts';
import { prepareSocketPath } from '#platform/socket-path.ts';
import { HOLD_WAIT_MS } from '#platform/protocol/bounds.ts';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import { diskRefusal } from './free-disk.ts';
import { idleExit } from './idle-exit.ts';
import { lockInstance } from './instance-lock.ts';
import { openMovedRefusal } from './moved.ts';
import { otherKeepers } from './other-keepers.ts';
import { OpenFiles } from './open-files.ts';
import { openRecordStore } from './record-store.ts';
import type { SandboxHost } from './sandbox/types.ts';
import { type KeeperServer, listen } from './server.ts';
import { Sessions } from './sessions.ts';

export interface KeeperOptions {
  readonly dataDir: string;
  /** Which of the data folder's keepers this is. */
  readonly slot: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a command waits at a full log for a reader that is not there, milliseconds. */
  readonly hold_wait_ms?: number;
  /** How many files this process may have open. Left out: what the kernel says. */
  readonly files_limit?: number;
  /** Opened once the data folder is known to be ours alone. */
  readonly openHost: () => Promise<SandboxHost>;
}

export interface Keeper {
  /** Resolves when the keeper has ended: idle, or stopped. */
  readonly ended: Promise<void>;
  /** Ends every session and then the keeper. */
  stop(grace_ms: number): Promise<void>;
}

const PRUNE_MS = 60 * 60 * 1000;

/** Starts a keeper of a data folder. @returns null when its slot has one already. */
export const startKeeper = async (options: KeeperOptions): Promise<Keeper | null> => {
  const { dataDir, slot, clock, log, hold_wait_ms = HOLD_WAIT_MS, files_limit, openHost } = options;
  await mkdir(keeperFolder(dataDir, slot), { recursive: true, mode: 0o700 });
  const dir = await realpath(keeperFolder(dataDir, slot));
  const unlock = lockInstance(join(dir, 'keeper.lock'));
  if (!unlock) return null;
  await writeKeeperIdentity(dir);
  const movedRefusal = openMovedRefusal(dir);

  const host = await openHost();
  const { removed } = await host.sweep();
  if (removed > 0) log.warn({ removed }, 'removed what an earlier keeper left');

  const ended = Promise.withResolvers<void>();
  let stopping = false;
  const records = await openRecordStore(join(dir, 'sessions'));
  const others = otherKeepers({
    ...{ dataDir, slot, clock, log, sweepSlot: host.sweepSlot },
    adopt: (record) => sessions.adopt(record),
  });
  const sessions = new Sessions({
    host,
    records,
    others,
    clock,
    log,
    hold_wait_ms,
    files: new OpenFiles(files_limit),
    boot_id: await bootId(),
    createRefusal: async () => (await movedRefusal()) ?? host.createRefusal() ?? diskRefusal(dataDir),
    changed: () => idle.changed(),
  });
  await sessions.adoptRecords();

  let server: KeeperServer | null = null;
  const shutDown = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    try {
      await server?.refuse();
      await host.close();
      log.info({}, 'the keeper ends');
    } catch (error) {
      // If it stayed because cleaning up failed, it would answer no call and block the next keeper, which can clean up.
      log.error({ error }, 'the keeper ends and leaves something behind; the next one removes it');
    }
    unlock();
    ended.resolve();
  };
  const needed = (): boolean => sessions.live > 0 || server === null || server.connections > 0;
  const idle = idleExit(clock, needed, () => void shutDown());
  server = await listen({
    path: await prepareSocketPath(dir),
    context: { sessions, host, stop: () => void clock.timer(0, () => void shutDown()), ending: () => stopping },
    clock,
    log,
    changed: () => idle.changed(),
  });
  idle.changed();
  const prune = (): void => {
    void Promise.all([sessions.prune(), others.takeOver()]).catch((error: unknown) =>
      log.warn({ error }, 'old records could not be removed'),
    );
    clock.timer(PRUNE_MS, prune);
  };
  clock.timer(PRUNE_MS, prune);
  log.info({ pid: process.pid, ...host.capabilities }, 'the keeper is ready');

  return {
    ended: ended.promise,
    stop: async (grace_ms) => {
      await sessions.endAll(grace_ms);
      await shutDown();
      await ended.promise;
    },
  };
};

/** Changes with every start of the machine. */
const bootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')).trim();
