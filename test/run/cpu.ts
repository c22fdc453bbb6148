import { readFileSync } from 'node:fs';

/** Linux gives times in ticks of 10 ms to every program, on every machine. */
const TICKS_A_SECOND = 100;

/** CPU seconds of this process's children that have ended, with theirs; null where the system does not say. */
const childCpuSeconds = (): number | null => {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // Behind the name, which may hold blanks, the first field is the third.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND;
  } catch {
    return null;
  }
};

export interface Cost {
  readonly seconds: number;
  readonly cpu: number | null;
}

/** Starts a clock of wall and CPU time. @returns what reads it */
export const stopwatch = (): (() => Cost) => {
  const [began, cpuBefore] = [performance.now(), childCpuSeconds()];
  return () => {
    const cpu = childCpuSeconds();
    return {
      seconds: (performance.now() - began) / 1000,
      cpu: cpu === null || cpuBefore === null ? null : cpu - cpuBefore,
    };
  };
};

export const costText = ({ seconds, cpu }: Cost): string =>
  `${seconds.toFixed(1)} s${cpu === null ? '' : `, ${cpu.toFixed(1)} CPU s`}`;
