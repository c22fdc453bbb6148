import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processStat } from './process-stat.ts';
import { commonVersion, NEWEST_VERSION, OLDEST_VERSION } from './protocol/versions.ts';

/** Written by the keeper into its folder: for people, and for servers that it does not answer. */
interface KeeperIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as `/proc/<pid>/stat` has it; empty where there is no such file. */
  readonly start: string;
  /** The versions of the protocol that it speaks. */
  readonly oldest: number;
  readonly newest: number;
}

export interface LivingKeeper {
  readonly pid: number;
  /** It is stopped, such as by SIGSTOP, and does nothing until it is continued. */
  readonly stopped: boolean;
  /** Whether this build and the keeper speak a common version of the protocol. */
  readonly speakable: boolean;
}

const FILE = 'keeper.json';

/** Notes this process as the keeper of a folder. */
export const writeKeeperIdentity = async (folder: string): Promise<void> => {
  const own: KeeperIdentity = {
    pid: process.pid,
    start: processStat(process.pid)?.start ?? '',
    oldest: OLDEST_VERSION,
    newest: NEWEST_VERSION,
  };
  const path = join(folder, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(own)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
};

/** The process that was noted as the keeper of a folder, if it still lives; else null. */
export const livingKeeper = async (folder: string): Promise<LivingKeeper | null> => {
  try {
    const { pid, start, ...versions } = JSON.parse(await readFile(join(folder, FILE), 'utf8')) as KeeperIdentity;
    const found = processStat(pid);
    if (found?.start !== start) return null;
    return { pid, stopped: /^[Tt]$/.test(found.state), speakable: commonVersion(versions) !== null };
  } catch {
    return null;
  }
};
