import { isUneven, type Load } from './processors.ts';

/** Milliseconds of CPU time that a session has used since its start; null where that can't be said. */
export type CpuTime = () => number | null;

export interface Look {
  /** Milliseconds of a clock that only grows. */
  readonly at: number;
  /** What /proc/stat says. */
  readonly stat: string;
  /** The processors that sessions may have. */
  readonly allowed: readonly number[];
  readonly sessions: ReadonlyMap<string, CpuTime>;
}

type Times = ReadonlyMap<number, { readonly idle: number; readonly all: number }>;
type Uses = { readonly at: number; readonly ms: ReadonlyMap<string, number> };

/**
 * Measures from look to look what processors and sessions do. The load is told from the second look on that finds a
 * full processor and an idle one: the sessions are many, and until then theirs is not read.
 */
export function loadMeter(): (look: Look) => Load | null {
  let times: Times = new Map();
  let uses: Uses | null = null;
  return ({ at, stat, allowed, sessions }) => {
    const now = timesIn(stat);
    const idle = idleBetween(times, now, allowed);
    times = now;
    const before = uses;
    uses = isUneven(idle) ? { at, ms: usesOf(sessions) } : null;
    return uses && before ? { idle, used: usedBetween(before, uses) } : null;
  };
}

const timesIn = (stat: string): Times =>
  new Map(
    [...stat.matchAll(/^cpu(\d+) (.*)$/gm)].map(([, number, text = '']) => {
      // User, nice, system, idle, waiting for a disk, two kinds of interrupts, taken by the host of a virtual machine.
      const ticks = text.trim().split(' ').slice(0, 8).map(Number);
      const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
      return [Number(number), { idle, all: ticks.reduce((sum, each) => sum + each, 0) }];
    }),
  );

/** The shares of time in which the processors did nothing. */
function idleBetween(before: Times, now: Times, allowed: readonly number[]): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  for (const processor of allowed) {
    const [then, since] = [before.get(processor), now.get(processor)];
    if (then && since && since.all > then.all) {
      shares.set(processor, (since.idle - then.idle) / (since.all - then.all));
    }
  }
  return shares;
}

const usesOf = (sessions: ReadonlyMap<string, CpuTime>): ReadonlyMap<string, number> =>
  new Map([...sessions].map(([name, cpuTime]) => [name, cpuTime() ?? 0]));

function usedBetween(before: Uses, now: Uses): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  for (const [name, ms] of now.ms) {
    const then = before.ms.get(name);
    if (then !== undefined && now.at > before.at) used.set(name, (ms - then) / (now.at - before.at));
  }
  return used;
}
