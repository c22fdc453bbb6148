import { readdirSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#ports/clock.ts';
import { type Hierarchy, makeGroup, removeGroup } from './cgroup-base.ts';
import { hasEnded, isAnonymous, markIn, mayLive, ownGroupName } from './group-names.ts';
import type { CommandProcesses } from '../process/command-processes.ts';
import { isNothing, numbers, readText, sendSignal } from '../process/proc.ts';
import { execGroups, joinFileOf, thaw } from './exec-groups.ts';
import { openPins, type Pins } from './pins.ts';
import { tryWrite } from './write.ts';

interface GroupLimits {
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly pids: number;
}

/** Bytes. */
interface SandboxMemory {
  /** What all sandboxes on the machine may use: what it has, less what the server needs. */
  readonly all: number;
  /** What sandboxes of the other keepers of the data folder may use. */
  readonly held: number;
}

/** All control groups of one keeper: a parent with a limit of its own, one pair below it for each sandbox. */
export interface CgroupTree {
  readonly controllers: ReadonlySet<string>;
  create(name: string, limits: GroupLimits): Cgroup;
  /** Kills and removes every group but those in `keep`; returns the names. */
  sweep(keep: ReadonlySet<string>): Promise<readonly string[]>;
  /**
   * Kills and removes the groups of earlier keepers of a folder; returns the names of their sandboxes. The caller holds
   * the folder's lock, so that those of 0.1.0, which have no name of their own, have ended too.
   */
  sweepMark(mark: string): Promise<readonly string[]>;
  /** Removes groups without processes of keepers that have ended, of any folder; returns how many keepers had some. */
  clearAbandoned(): number;
  /** Memory for sandboxes; null where no control group limits it. */
  memory(): SandboxMemory | null;
  /** Removes the parent where nothing is left below it. */
  close(): void;
}

/**
 * A sandbox's groups: the outer ones carry the limits, its processes live in a leaf below. What a process sees as
 * the root of its control groups is the leaf, so that the files with the limits are never within its reach.
 */
export interface Cgroup {
  /** The leaf, by hierarchy: what a sandbox may look at. Its files have the limits, too. */
  readonly shown: readonly ShownGroup[];
  /** Files into which a process writes `0` to join. */
  readonly join_files: readonly string[];
  /** A group for one command below it, and the files by which a process joins that one. @throws Error */
  command(): { readonly join_files: readonly string[]; readonly processes: CommandProcesses };
  limit(limits: GroupLimits): void;
  /** Binds it to as many processors as it may use, where the machine has more and they can be told apart. */
  pin(cpu_millis: number): void;
  pids(): readonly number[];
  kill(): void;
  /** Milliseconds of CPU time since the start. */
  cpuMs(): number | null;
  /** Bytes in use without the file cache that could be dropped. */
  memoryBytes(): number | null;
  memoryLimitBytes(): number | null;
  /** How many processes the kernel killed for want of memory. */
  oomKills(): number;
  /** Kills what is left and removes the groups. */
  remove(): Promise<void>;
}

/** A group's folder, and under which names of controllers it is looked for; no name for version 2, which has one tree. */
export interface ShownGroup {
  readonly dir: string;
  readonly controllers: readonly string[];
}

const LEAF = 'inner';
const REMOVE_WITHIN_MS = 15_000;
const SERVER_RESERVE = 512 * 1024 * 1024;
/** A limit is lowered to this many times what is in use at the most: the kernel ends processes that have too little. */
const ROOM_TO_GROW = 1.125;
/** A limit of 0 is none at all in some versions. What has no more than this takes no session. */
const LEAST_LIMIT = 1024 * 1024;

export interface CgroupTreeOptions {
  readonly hierarchies: readonly Hierarchy[];
  /** Of the folder whose sandboxes these are. */
  readonly mark: string;
  /** Of the folders that other keepers of the data folder have. */
  readonly otherMarks: readonly string[];
  readonly clock: Clock;
}

export function openCgroupTree({ hierarchies, mark, otherMarks, clock }: CgroupTreeOptions): CgroupTree {
  const name = ownGroupName(mark);
  const parents = hierarchies.map((h) => ({ ...h, dir: join(h.base, name) }));
  const memory = parents.find((parent) => parent.controllers.includes('memory'));
  const cpuset = parents.find((parent) => parent.controllers.includes('cpuset'));
  const pins = cpuset ? openPins({ version: cpuset.version, parent: cpuset.dir, clock }) : null;
  const sandboxMemory = (): SandboxMemory | null =>
    memory ? { all: memoryForSandboxes(memory), held: heldByOthers(memory, new Set(otherMarks)) } : null;
  let set: number | null = null;
  /**
   * The other keepers' sandboxes end with time, and this keeper then has their memory. Where they have just begun, what
   * its own use by now is not taken from them: the next create tries again.
   */
  const fitMemory = () => {
    const found = sandboxMemory();
    if (!memory || found === null) return;
    const wanted = Math.max(found.all - found.held, LEAST_LIMIT);
    const needed = Math.ceil(usedIn(memory, memory.dir) * ROOM_TO_GROW);
    const now = limitOf(memory, memory.dir) ?? Number.POSITIVE_INFINITY;
    const limit = Math.max(wanted, Math.min(needed, now));
    if (limit !== set && limitMemory(memory.version, memory.dir, limit) === 'set') set = limit;
  };
  for (const parent of parents) {
    makeGroup(parent.dir);
    if (parent.version === 2) {
      writeFileSync(join(parent.dir, 'cgroup.subtree_control'), parent.controllers.map((c) => `+${c}`).join(' '));
    }
  }
  fitMemory();
  const groupIn = (parent: string, child: string): Cgroup =>
    cgroup(
      parents.map((place) => ({ ...place, dir: join(place.base, parent, child) })),
      clock,
      pins,
    );
  const removeAll = async (parent: string, keep: ReadonlySet<string>): Promise<readonly string[]> => {
    const names = new Set(parents.flatMap((place) => folders(join(place.base, parent))).filter((n) => !keep.has(n)));
    for (const child of names) await groupIn(parent, child).remove();
    return [...names];
  };
  return {
    controllers: new Set(parents.flatMap((parent) => parent.controllers)),
    create: (child, limits) => {
      fitMemory();
      for (const parent of parents) {
        makeGroup(join(parent.dir, child));
        makeGroup(join(parent.dir, child, LEAF));
      }
      const group = groupIn(name, child);
      group.limit(limits);
      return group;
    },
    sweep: (keep) => removeAll(name, keep),
    sweepMark: async (swept) => {
      const ended = (group: string) => hasEnded(group) || isAnonymous(group);
      const theirs = groupsIn(parents).filter((group) => markIn(group) === swept && ended(group));
      const removed: string[] = [];
      for (const group of theirs) {
        removed.push(...(await removeAll(group, new Set())));
        for (const place of parents) removeGroup(join(place.base, group));
      }
      return removed;
    },
    clearAbandoned: () => {
      const theirs = groupsIn(parents).filter(hasEnded);
      for (const group of theirs) for (const place of parents) removeEmpty(join(place.base, group));
      return theirs.length;
    },
    memory: sandboxMemory,
    close: () => {
      pins?.close();
      for (const parent of parents) removeGroup(parent.dir);
    },
  };
}

/** All groups beside those of this keeper, in any of its hierarchies. */
const groupsIn = (parents: readonly Placed[]): readonly string[] => [
  ...new Set(parents.flatMap(({ base }) => folders(base))),
];

/** What the machine (or this server's own limit) has, less what the server needs to go on. */
function memoryForSandboxes(parent: Hierarchy): number {
  const own = limitOf(parent, parent.base);
  const total = own === null ? totalmem() : Math.min(own, totalmem());
  return Math.max(total - SERVER_RESERVE, Math.floor(total / 2));
}

/** What the sandboxes of other keepers may use: all of theirs together, or the limit of their keeper if that is less. */
function heldByOthers(parent: Hierarchy, marks: ReadonlySet<string>): number {
  const theirs = folders(parent.base).filter((name) => marks.has(markIn(name) ?? ''));
  return theirs.reduce((sum, name) => {
    const dir = join(parent.base, name);
    const held = folders(dir).map((child) => heldIn(parent, join(dir, child), mayLive(name)));
    const all = held.reduce((a, b) => a + b, 0);
    return sum + Math.min(all, limitOf(parent, dir) ?? all);
  }, 0);
}

/**
 * A sandbox with processes may use up to its limit, and one of a living keeper is about to have some. What a keeper
 * that has ended left without processes will use no more than it does now.
 */
function heldIn(parent: Hierarchy, dir: string, living: boolean): number {
  const isEmpty = groupsBelow(dir).every((path) => membersOf(path).length === 0);
  return isEmpty && !living ? usedIn(parent, dir) : (limitOf(parent, dir) ?? 0);
}

/** What a group and those below it use, without the file cache that could be dropped. */
function usedIn({ version }: Hierarchy, dir: string): number {
  const [current, cache] =
    version === 2 ? ['memory.current', 'inactive_file'] : ['memory.usage_in_bytes', 'total_inactive_file'];
  const used = Number(readText(join(dir, current)));
  return Math.max(0, used - keyed(readText(join(dir, 'memory.stat')), cache));
}

/** null: none. */
const limitOf = ({ version }: Hierarchy, dir: string): number | null => {
  const limit = Number(readText(join(dir, version === 2 ? 'memory.max' : 'memory.limit_in_bytes')));
  return limit > 0 ? limit : null;
};

/** Removes a group and those below it, if there is no process in any of them. */
function removeEmpty(dir: string): void {
  const all = groupsBelow(dir);
  if (all.some((path) => membersOf(path).length > 0)) return;
  for (const path of all.toReversed()) removeGroup(path);
}

/** A group and all below it, each after the one that holds it. */
function groupsBelow(dir: string): readonly string[] {
  const all = [dir];
  for (const path of all) all.push(...folders(path).map((name) => join(path, name)));
  return all;
}

const membersOf = (dir: string): readonly number[] => numbers(readText(join(dir, 'cgroup.procs')));

/** @returns `in use` where version 1 keeps the old limit, as more is in use and can't be dropped */
function limitMemory(version: 1 | 2, dir: string, bytes: number): 'set' | 'in use' {
  if (version === 2) {
    writeFileSync(join(dir, 'memory.max'), String(bytes));
    tryWrite(join(dir, 'memory.swap.max'), '0');
    return 'set';
  }
  // The limit with swap may never lie below the one without: whichever way it moves, one order is refused.
  const [plain, swap] = [join(dir, 'memory.limit_in_bytes'), join(dir, 'memory.memsw.limit_in_bytes')];
  if (!tryWrite(plain, String(bytes))) tryWrite(swap, String(bytes));
  try {
    writeFileSync(plain, String(bytes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    return 'in use';
  }
  tryWrite(swap, String(bytes));
  return 'set';
}

type Placed = Hierarchy & { readonly dir: string };

function cgroup(places: readonly Placed[], clock: Clock, pins: Pins | null): Cgroup {
  const place = (controller: string) => places.find((p) => p.controllers.includes(controller));
  const memory = place('memory') ?? null;
  const cpu = place('cpu');
  const cpuset = place('cpuset');
  const pidsPlace = place('pids');
  const counting = pidsPlace ?? places[0];
  // Of version 1 the freezer, whose groups can be signalled as a whole. Else it costs nothing that another one would not.
  const ofCommands = places.find((p) => p.version === 2) ?? place('freezer') ?? counting;
  const groupsOf = (p: Placed): readonly string[] => {
    const leaf = join(p.dir, LEAF);
    return [...(p === ofCommands ? folders(leaf).map((name) => join(leaf, name)) : []), leaf, p.dir];
  };
  const membersIn = (p: Placed) => groupsOf(p).flatMap(membersOf);
  const pids = () => (counting ? membersIn(counting) : []);
  const kill = () => {
    for (const p of places) {
      if (p.version === 2) tryWrite(join(p.dir, 'cgroup.kill'), '1');
      for (const pid of membersIn(p)) sendSignal(pid, 'SIGKILL');
      if (p === ofCommands) for (const dir of groupsOf(p)) thaw(p, dir);
    }
  };
  const commands = ofCommands ? execGroups({ ...ofCommands, dir: join(ofCommands.dir, LEAF) }, clock) : null;
  const cpuMs = () => {
    const v1 = place('cpuacct');
    if (v1?.version === 1) return Number(readText(join(v1.dir, 'cpuacct.usage'))) / 1e6;
    return cpu?.version === 2 ? keyed(readText(join(cpu.dir, 'cpu.stat')), 'usage_usec') / 1000 : null;
  };
  const leafOf = (p: Placed) => joinFileOf(p, join(p.dir, LEAF));
  return {
    shown: places
      .filter((p) => p.controllers.some((name) => name !== 'freezer'))
      .map((p) => ({ dir: join(p.dir, LEAF), controllers: p.version === 2 ? [] : p.controllers })),
    join_files: places.map(leafOf),
    command: () => {
      if (!commands) throw new Error('there are no control groups');
      const { join_file, ...processes } = commands.create();
      return { join_files: [...places.filter((p) => p !== ofCommands).map(leafOf), join_file], processes };
    },
    limit: (limits) => {
      const bytes = limits.memory_mb * 1024 * 1024;
      if (memory && limitMemory(memory.version, memory.dir, bytes) !== 'set') {
        throw new Error(`the sandbox uses more than ${limits.memory_mb} MiB of memory already; ask for more`);
      }
      if (cpu) {
        const quota = Math.max(1000, limits.cpu_millis * 100);
        // That of a child may never be above it.
        if (cpu.version === 1) tryWrite(join(cpu.dir, LEAF, 'cpu.cfs_quota_us'), '-1');
        if (cpu.version === 2) writeFileSync(join(cpu.dir, 'cpu.max'), `${quota} 100000`);
        else writeFileSync(join(cpu.dir, 'cpu.cfs_quota_us'), String(quota));
      }
      if (pidsPlace) writeFileSync(join(pidsPlace.dir, 'pids.max'), String(limits.pids));
      for (const p of places) showLimits(p, join(p.dir, LEAF), limits);
    },
    pin: (cpu_millis) => {
      if (cpuset) pins?.pin({ dir: cpuset.dir, groups: () => groupsOf(cpuset), cpuTime: cpuMs }, cpu_millis);
    },
    pids,
    kill,
    cpuMs,
    memoryBytes: () => memory && usedIn(memory, memory.dir),
    memoryLimitBytes: () => memory && limitOf(memory, memory.dir),
    oomKills: () => {
      if (!memory) return 0;
      const file = memory.version === 2 ? 'memory.events' : `${LEAF}/memory.oom_control`;
      return keyed(readText(join(memory.dir, file)), 'oom_kill');
    },
    remove: async () => {
      commands?.close();
      // A killed process leaves its group a moment after its parent was told.
      const deadline = clock.monotonic() + REMOVE_WITHIN_MS;
      for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
        kill();
        const left = places.filter((p) => !groupsOf(p).map(removeGroup).every(Boolean));
        if (left.length === 0) {
          if (cpuset) pins?.release(cpuset.dir);
          return;
        }
        if (clock.monotonic() > deadline) throw new Error(`these groups are still in use: ${left.map((p) => p.dir)}`);
        await clock.sleep(wait);
      }
    },
  };
}

/** The limits again in the leaf, which the sandbox sees. Those above it are the ones that hold. */
function showLimits({ version, dir, controllers }: Placed, leaf: string, limits: GroupLimits): void {
  const has = (name: string) => controllers.includes(name);
  if (version === 2) {
    const handed = ['memory', 'cpu', 'cpuset', 'pids'].filter(has).map((name) => `+${name}`);
    tryWrite(join(dir, 'cgroup.subtree_control'), handed.join(' '));
  }
  const bytes = String(limits.memory_mb * 1024 * 1024);
  const quota = String(Math.max(1000, limits.cpu_millis * 100));
  if (has('memory')) tryWrite(join(leaf, version === 2 ? 'memory.max' : 'memory.limit_in_bytes'), bytes);
  if (has('cpu') && version === 2) tryWrite(join(leaf, 'cpu.max'), `${quota} 100000`);
  if (has('cpu') && version === 1) tryWrite(join(leaf, 'cpu.cfs_quota_us'), quota);
  if (has('pids')) tryWrite(join(leaf, 'pids.max'), String(limits.pids));
}

/** The number after a name in a file of `name number` lines; 0 where there is none. */
const keyed = (text: string, name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);

function folders(dir: string): readonly string[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    if (isNothing(error)) return [];
    throw error;
  }
}
