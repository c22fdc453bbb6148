import { systemIds } from '#platform/ids.ts';
import { processStat } from '#platform/process-stat.ts';
import type { Clock } from '#ports/clock.ts';
import type { CommandProcesses } from './command-processes.ts';
import { type ProcessId, readText, sendSignal, signalProcess } from './proc.ts';

/**
 * Where there are no control groups each command carries a number in a limit that the kernel has not used since Linux
 * 2.4 (RLIMIT_LOCKS). Every process inherits it through fork, exec, setsid and namespaces, may lower it and never raise
 * it. So no supervisor per command is needed: no further process, and an orphan's parent is process 1, as anywhere.
 */
const HIGHEST = 2 ** 52;
const LOOKS = 20;
const KILL_WITHIN_MS = 10_000;

const limitOf = (pid: number | 'self'): number | null => {
  const hard = /^Max file locks\s+\S+\s+(\d+)/m.exec(readText(`/proc/${pid}/limits`))?.[1];
  return hard === undefined ? null : Number(hard);
};

/** The numbers of one sandbox's commands. */
interface Numbers {
  next(): number;
  has(number: number): boolean;
}

const BLOCK = 2 ** 20;
const BLOCKS = 2 ** 14;

/** Below this process's own number, where a keeper runs inside of a session, and apart from those of other keepers. */
const openBlocks = (): (() => Numbers) => {
  const top = Math.min(HIGHEST, limitOf('self') ?? HIGHEST);
  const apart = Buffer.from(systemIds.random(2)).readUInt16BE() * BLOCK * BLOCKS;
  let blocks = 0;
  return () => {
    const highest = top - apart - (++blocks % BLOCKS) * BLOCK;
    let count = 0;
    return { next: () => highest - (++count % BLOCK), has: (number) => number <= highest && number > highest - BLOCK };
  };
};
let nextBlock: (() => Numbers) | null = null;

/** Numbers that no other sandbox has. */
export const sandboxNumbers = (): Numbers => {
  nextBlock ??= openBlocks();
  return nextBlock();
};

interface Found extends ProcessId {
  readonly group: number;
}

/**
 * The processes among `candidates` that carry a number of these, and their descendants. `first` is one that takes its
 * number itself: it is the command's from its start, before it has done so.
 */
export function numberedProcesses(
  has: (number: number) => boolean,
  candidates: () => readonly number[],
  clock: Clock,
  first: ProcessId | null = null,
): CommandProcesses {
  const find = (): readonly Found[] => {
    const stats = candidates().flatMap((pid) => {
      const stat = processStat(pid);
      return stat && stat.state !== 'Z' && stat.state !== 'X' ? [{ pid, ...stat }] : [];
    });
    const isFirst = ({ pid, start }: ProcessId) => pid === first?.pid && start === first.start;
    const carriers = stats.filter((stat) => isFirst(stat) || has(limitOf(stat.pid) ?? 0));
    const found = new Map(carriers.map((stat) => [stat.pid, stat]));
    for (let before = -1; before < found.size; ) {
      before = found.size;
      for (const stat of stats) if (found.has(stat.parent)) found.set(stat.pid, stat);
    }
    return [...found.values()];
  };
  /** Those that are being started meanwhile, too. */
  const sendAll = (signal: NodeJS.Signals): number => {
    const reached = new Set<string>();
    for (let look = 0; look < LOOKS; look++) {
      const fresh = find().filter(({ pid, start }) => !reached.has(`${pid} ${start}`));
      if (fresh.length === 0) break;
      for (const id of fresh) {
        signalProcess(id, signal);
        reached.add(`${id.pid} ${id.start}`);
      }
    }
    return reached.size;
  };
  return {
    pids: () => find().map(({ pid }) => pid),
    signal: async (name) => sendAll(`SIG${name}` as NodeJS.Signals) > 0,
    kill: async () => {
      const reached = find().length > 0;
      const deadline = clock.monotonic() + KILL_WITHIN_MS;
      for (let wait = 1; find().length > 0 && clock.monotonic() < deadline; wait = Math.min(wait * 2, 50)) {
        // By whole groups, which no fork escapes: all of a process group are of one session, and so of one command. What
        // moves to other groups meanwhile is stopped first: then it starts no other.
        // The first of them may not have left this process's group yet, and 0 would mean that.
        const own = processStat(process.pid)?.group;
        const groups = new Set(find().map(({ group }) => group));
        for (const group of groups) if (group > 0 && group !== own) sendSignal(-group, 'SIGKILL');
        sendAll('SIGSTOP');
        for (const id of find()) signalProcess(id, 'SIGKILL');
        await clock.sleep(wait);
      }
      return reached;
    },
    release: () => undefined,
  };
}
