import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 100;
/** How long servers have to end in order before they are killed. */
const GRACE_LOOKS = 150;

/** Processes with a folder in their arguments or as their temporary folder. */
const processesOf = async (folder: string): Promise<readonly number[]> => {
  const found: number[] = [];
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const read = (name: string): Promise<string> => readFile(`/proc/${entry}/${name}`, 'utf8').catch(() => '');
    const [argv, env] = await Promise.all([read('cmdline'), read('environ')]);
    if (argv.includes(folder) || env.includes(`TMPDIR=${folder}`)) found.push(Number(entry));
  }
  return found;
};

const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // The process has ended meanwhile.
    }
  }
};

export interface OwnGround {
  readonly folder: string;
  /** Ends the remaining processes and removes the folder. @returns how many there were */
  clear(): Promise<number>;
}

/**
 * A folder for all temporary files of a run. It identifies the processes that an interrupted run leaves, so that they
 * can be ended.
 */
export const ownGround = async (): Promise<OwnGround> => {
  const folder = await mkdtemp(join(tmpdir(), 'onmemos-run-'));
  // Some tests start programs as other users.
  await chmod(folder, 0o1777);
  return {
    folder,
    clear: async () => {
      const left = await processesOf(folder);
      signal(left, 'SIGTERM');
      let looks = 0;
      for (let now = left; now.length > 0; now = await processesOf(folder)) {
        looks += 1;
        if (looks > GRACE_LOOKS) signal(now, 'SIGKILL');
        await pause(LOOK_MS);
      }
      await rm(folder, { recursive: true, force: true });
      return left.length;
    },
  };
};
