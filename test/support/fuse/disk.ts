import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** A mounted disk that forgets what was not synced when `failPower` takes its power away. */
export interface Disk {
  readonly path: string;
  /** Starts it again after its power failed, with what was synced. Files that are open from before answer with errors. */
  restart(): Promise<void>;
  /** Lets each sync fail from now on, or not any more. */
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

/** Why no such disk can be mounted; its message is a sentence for a person. */
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

/** Disks of one test, gone after it. The test is left out, and says why, where the machine can't mount one. */
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
