import { join } from 'node:path';
import type { Clock, Timer } from '#ports/clock.ts';
import type { CommandProcesses } from '../process/command-processes.ts';
import { numbers, readText, sendSignal } from '../process/proc.ts';
import { makeGroup, removeGroup } from './cgroup-base.ts';
import { tryWrite } from './write.ts';

/** The hierarchy in which each command has a group, and the folder that holds these groups. */
export interface ExecPlace {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  readonly dir: string;
}

/** How long a command may take to be frozen, milliseconds: what waits for a disk can't be. */
const FREEZE_WITHIN_MS = 100;
const KILL_WITHIN_MS = 10_000;
/** Between two looks whether what commands left behind has ended. */
const LEFT_CHECK_MS = 2_000;

/** A command's group of its own. */
interface ExecGroup extends CommandProcesses {
  /** A process joins by writing `0` to it. */
  readonly join_file: string;
}

interface ExecGroups {
  /** @throws Error when the group can't be made. */
  create(): ExecGroup;
  /** Nothing is looked after any more. */
  close(): void;
}

/** In the file that a process joins a group by itself with, at the least cost. */
export const joinFileOf = ({ version }: { readonly version: 1 | 2 }, dir: string): string =>
  join(dir, version === 2 ? 'cgroup.procs' : 'tasks');

/** Groups of the commands of one sandbox. What a command leaves behind keeps its group, until it has ended too. */
export function execGroups(place: ExecPlace, clock: Clock): ExecGroups {
  const left = new Set<string>();
  let made = 0;
  let timer: Timer | null = null;
  const removeEmpty = () => {
    for (const dir of left) if (removeGroup(dir)) left.delete(dir);
    timer?.cancel();
    timer = left.size > 0 ? clock.timer(LEFT_CHECK_MS, removeEmpty) : null;
  };
  return {
    create: () => {
      const dir = join(place.dir, `exec-${++made}`);
      makeGroup(dir);
      return {
        join_file: joinFileOf(place, dir),
        ...processesOf(place, dir, clock),
        release: () => {
          left.add(dir);
          removeEmpty();
        },
      };
    },
    close: () => timer?.cancel(),
  };
}

function processesOf(place: ExecPlace, dir: string, clock: Clock): Omit<CommandProcesses, 'release'> {
  const pids = () => numbers(readText(join(dir, 'cgroup.procs')));
  const held = async (act: () => void): Promise<void> => {
    await freeze(place, dir, clock);
    try {
      act();
    } finally {
      thaw(place, dir);
    }
  };
  return {
    pids,
    // None of them can start another one meanwhile, or end and leave its number to a stranger.
    signal: async (name) => {
      let reached = false;
      await held(() => {
        for (const pid of pids()) reached = sendSignal(pid, `SIG${name}` as NodeJS.Signals) || reached;
      });
      return reached;
    },
    kill: async () => {
      const reached = pids().length > 0;
      const deadline = clock.monotonic() + KILL_WITHIN_MS;
      for (let wait = 1; pids().length > 0 && clock.monotonic() < deadline; wait = Math.min(wait * 2, 50)) {
        // By the kernel in one step, where it can (Linux 5.14).
        if (!(place.version === 2 && tryWrite(join(dir, 'cgroup.kill'), '1'))) {
          await held(() => {
            for (const pid of pids()) sendSignal(pid, 'SIGKILL');
          });
        }
        await clock.sleep(wait);
      }
      return reached;
    },
  };
}

const FREEZER = { 1: ['freezer.state', 'FROZEN', 'THAWED'], 2: ['cgroup.freeze', '1', '0'] } as const;

/** Without a freezer no further process may be made at least. */
async function freeze({ version, controllers }: ExecPlace, dir: string, clock: Clock): Promise<void> {
  if (version === 1 && !controllers.includes('freezer')) {
    if (controllers.includes('pids')) tryWrite(join(dir, 'pids.max'), '0');
    return;
  }
  const [file, on] = FREEZER[version];
  if (!tryWrite(join(dir, file), on)) return;
  const frozen = () =>
    version === 1 ? readText(join(dir, file)) === 'FROZEN\n' : /^frozen 1$/m.test(readText(join(dir, 'cgroup.events')));
  const deadline = clock.monotonic() + FREEZE_WITHIN_MS;
  while (!frozen() && clock.monotonic() < deadline) await clock.sleep(1);
}

/** Also of a group whose keeper was killed while it was frozen: in version 1 nothing of it could end. */
export function thaw({ version, controllers }: Pick<ExecPlace, 'version' | 'controllers'>, dir: string): void {
  if (version === 1 && !controllers.includes('freezer')) {
    if (controllers.includes('pids')) tryWrite(join(dir, 'pids.max'), 'max');
    return;
  }
  const [file, , off] = FREEZER[version];
  tryWrite(join(dir, file), off);
}
