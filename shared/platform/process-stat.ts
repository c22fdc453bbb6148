import { readFileSync } from 'node:fs';

/** What Linux tells of a process. */
export interface ProcessStat {
  /** One letter: `T` is stopped, `Z` has ended and was not waited for. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot: with the number it tells a process from a later one of the same number. */
  readonly start: string;
  readonly rss_pages: number;
  readonly cpu_ticks: number;
}

/** null where there is no such process, or it can't be looked at: for what is only measured. */
export const processStat = (pid: number): ProcessStat | null => {
  try {
    return readProcess(pid);
  } catch {
    return null;
  }
};

/** null: there is no such process. @throws Error where it can't be looked at: it may be there all the same */
export const readProcess = (pid: number): ProcessStat | null => {
  const text = readStat(pid);
  // The program's name may contain anything, so the fields are counted from its end.
  const end = text.lastIndexOf(') ');
  if (end < 0) return null;
  const field = text.slice(end + 2).split(' ');
  return {
    state: field[0] ?? '',
    parent: Number(field[1]),
    group: Number(field[2]),
    session: Number(field[3]),
    start: field[19] ?? '',
    rss_pages: Number(field[21]),
    cpu_ticks: Number(field[11]) + Number(field[12]),
  };
};

const readStat = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
};

/**
 * Whether a process is known to have ended. It is not where it can't be looked at, be it for want of descriptors or
 * because the system hides processes of other users, even that they are there (`hidepid`).
 */
export const hasProcessEnded = (pid: number, start: string): boolean => {
  try {
    const found = readProcess(pid);
    if (found === null) return !exists(pid);
    return found.start !== start || found.state === 'Z' || found.state === 'X';
  } catch {
    return false;
  }
};

/** As the kernel tells it to everybody. */
const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};
