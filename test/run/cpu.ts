import { readFileSync } from 'node:fs';

/** On every machine Linux reports times to programs in ticks of 10 ms. */
const TICKS_A_SECOND = 100;

/** CPU seconds of this process's ended children and their descendants; null if the system does not report them. */
const childCpuSeconds = (): number | null => {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // The name may contain blanks, so the fields are counted after it: the first of them is field 3.
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

/** Starts a clock of wall and CPU time. @returns the function that reads it */
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
