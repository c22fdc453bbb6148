import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** A mounted disk. When `failPower` takes its power away, it loses all changes that were not synced. */
export interface Disk {
  readonly path: string;
  /** Starts the disk again after a power failure, with the synced state. Files that were open before give errors. */
  restart(): Promise<void>;
  /** Sets whether each later sync fails. */
  failSyncs(fail: boolean): Promise<void>;
  /** How many syncs there have been. */
  syncs(): Promise<number>;
  remove(): Promise<void>;
}

interface Said {
  readonly done?: string;
  readonly syncs?: number;
  readonly failed?: string;
}

const MAIN = join(import.meta.dirname, 'main.ts');

/** This machine can't mount such a disk; the message says why. */
class NoDisk extends Error {
  override readonly name = 'NoDisk';
}

const answerOf = async (child: ChildProcess): Promise<number> => {
  const [said] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => [{ failed: `the disk’s process ended with ${code}` }]),
  ])) as [Said];
  if (said.failed !== undefined) throw new NoDisk(`no FUSE file system can be mounted here: ${said.failed}`);
  return said.syncs ?? 0;
};

/** Mounts an empty disk at a new folder. @throws NoDisk */
const mountDisk = async (): Promise<Disk> => {
  const path = await mkdtemp(join(tmpdir(), 'onmemos-disk-'));
  const child = fork(MAIN, [path], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const order = async (what: string): Promise<number> => {
    const answer = answerOf(child);
    child.send(what);
    return answer;
  };
  try {
    await answerOf(child);
  } catch (error) {
    await ended;
    await rmdir(path);
    throw error;
  }
  return {
    path,
    restart: async () => void (await order('restart')),
    failSyncs: async (fail) => void (await order(fail ? 'fail syncs' : 'sync again')),
    syncs: () => order('count'),
    remove: async () => {
      await order('end');
      await ended;
      await rmdir(path);
    },
  };
};

/** Disks for one test, removed after it. The test is skipped, with the reason, if the machine can't mount a disk. */
export const disks = () => {
  const mounted: Disk[] = [];
  afterEach(async () => {
    for (const disk of mounted.splice(0)) await disk.remove();
  });
  return async (skip: (why: string) => never): Promise<Disk> => {
    try {
      const disk = await mountDisk();
      mounted.push(disk);
      return disk;
    } catch (error) {
      if (error instanceof NoDisk) return skip(`${error.message}. Root with /dev/fuse can mount one.`);
      throw error;
    }
  };
};
