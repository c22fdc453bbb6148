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

/** null where there is no such process, or no Linux. */
export const processStat = (pid: number): ProcessStat | null => {
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
  } catch {
    return '';
  }
};
