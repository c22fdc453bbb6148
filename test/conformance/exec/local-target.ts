import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMAGES } from '#domain/images.ts';
import { planLocal } from '#domain/plan-local.ts';
import { KeeperDialer } from '#drivers/compute/local/keeper-dialer.ts';
import { type LocalCompute, localCompute } from '#drivers/compute/local/local-compute.ts';
import { systemClock } from '#platform/clock.ts';
import { keeperFolder } from '#platform/keeper-folders.ts';
import { createLogger } from '#platform/logger.ts';
import { execChannel } from '#platform/protocol/exec-channel.ts';
import { findSocketPath } from '#platform/socket-path.ts';
import type { Compute, ComputeSpec, Observation, Target } from '#ports/compute.ts';
import type { ExecChannel } from '#ports/exec.ts';
import { AS_NOBODY, NOBODY } from '../../support/ordinary-user.ts';

export const KEEPER_MAIN = join(import.meta.dirname, '../../../functions/keeper/main.ts');
const KEEPER = [process.execPath, KEEPER_MAIN];

export interface LocalTarget {
  readonly dataDir: string;
  readonly compute: LocalCompute;
  spec(key: string, given?: Partial<ComputeSpec>): ComputeSpec;
  /** Asks a driver for the session of this key, as it plans it. */
  ensure(key: string, given?: Partial<ComputeSpec>, by?: Compute): Promise<Observation>;
  /** A raw connection to the keeper, before any hello. */
  socket(): Promise<Socket>;
  /** A connection of its own to a session. */
  open(key: string): Promise<ExecChannel>;
  /** The keeper's process, by the log that it writes when it is ready. */
  keeperPid(): Promise<number>;
  /** A second driver on the same folder, as another server would have it. */
  another(): Promise<LocalCompute>;
  close(): Promise<void>;
}

/** A session as its driver is asked for it. */
export const at = (key: string): Target => ({ key, owner: 'user-1', workspace_id: 'ws-1', ref: null });

/** Where a data folder keeps the bytes of its volumes and buckets. */
export const foldersIn = (dataDir: string) => ({
  volume: (key: string) => join(dataDir, 'volumes', key),
  bucket: (key: string) => join(dataDir, 'buckets', key),
});

/**
 * A real keeper with real sandboxes in a new data folder. Where root runs the tests, that of `user` runs as nobody.
 * @param under what the keeper is started by
 */
export const localTarget = async (
  isolation: 'auto' | 'full' | 'user' | 'none' = 'auto',
  under: readonly string[] = [],
): Promise<LocalTarget> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-local-'));
  const asNobody = isolation === 'user' ? AS_NOBODY : [];
  const keeper = [...under, ...asNobody, ...KEEPER];
  if (asNobody.length > 0) {
    // The driver, which is root here, would make the keeper's folder as its own.
    await mkdir(keeperFolder(dataDir, 1), { mode: 0o700 });
    for (const path of [dataDir, keeperFolder(dataDir, 1)]) await chown(path, NOBODY, NOBODY);
  }
  const log = createLogger({ level: 'error' });
  const make = () =>
    localCompute({
      dataDir,
      clock: systemClock,
      log,
      keeperCommand: keeper,
      isolation,
      folders: foldersIn(dataDir),
      planner: planLocal,
      images: IMAGES,
    });
  const compute = await make();
  const spec = (key: string, given?: Partial<ComputeSpec>): ComputeSpec => ({
    session_id: key,
    owner: 'user-1',
    workspace_id: 'ws-1',
    provider: 'auto',
    cpu_request_millis: 1000,
    cpu_limit_millis: 2000,
    memory_request_mb: 1024,
    memory_limit_mb: 2048,
    gpu: null,
    image: { type: 'alpine', url: null, tag: null },
    life_minutes: 60,
    deadline: { at: systemClock.now() + 3_600_000, generation: 1 },
    disk_mb: 10_240,
    volume: null,
    buckets: [],
    network: 'default',
    ...given,
  });
  return {
    dataDir,
    compute,
    another: make,
    spec,
    ensure: async (key, given, by = compute) => {
      const asked = spec(key, given);
      const plan = by.plan(asked);
      if (!plan.ok) throw new Error(plan.message);
      return by.ensure(at(key), asked, plan);
    },
    socket: async () => {
      const socket = connect(await findSocketPath(keeperFolder(dataDir, 1)));
      await once(socket, 'connect');
      return socket;
    },
    open: async (key) => {
      const command = [...keeper, '--data-dir', dataDir];
      return execChannel(await new KeeperDialer({ dataDir, clock: systemClock, command }).connect(key));
    },
    keeperPid: async () => {
      const lines = (await readFile(join(dataDir, 'keeper', 'keeper.log'), 'utf8')).trim().split('\n');
      const ready = lines.map((line) => JSON.parse(line) as { message: string; pid?: number }).filter(({ pid }) => pid);
      const pid = ready.at(-1)?.pid;
      if (pid === undefined) throw new Error('no keeper has said that it is ready');
      return pid;
    },
    close: async () => {
      await compute.keeper.shutdown({ end_sessions: true, grace_ms: 0 });
      await compute.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** Resident memory of a process, bytes. */
export const residentBytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
};
