import { setTimeout as pause } from 'node:timers/promises';
import { readdir, readFile } from 'node:fs/promises';
import { HANGS_SECONDS } from '../../../acceptance/support/until.ts';

const LIMIT_MS = HANGS_SECONDS * 1000;

/** Processes whose environment or command line names this folder, by pid. */
export const processesOf = async (folder: string): Promise<number[]> => {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const parts = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${entry}/${file}`, 'utf8').catch(() => '')),
    );
    if (parts.some((part) => part.includes(folder))) found.push(Number(entry));
  }
  return found;
};

/** Waits until something holds. @throws Error with what was last seen */
export const eventually = async <T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  what: string,
): Promise<T> => {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`${what} never came true; last: ${JSON.stringify(seen)}`);
    await pause(100);
  }
};

/** Waits until nothing of a folder runs any more. */
export const nothingLeft = (folder: string): Promise<number[]> =>
  eventually(
    () => processesOf(folder),
    (pids) => pids.length === 0,
    `no process of ${folder}`,
  );
