import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { numbers, readText } from '../process/proc.ts';
import { tryWrite } from './write.ts';

/** One hierarchy of control groups in which this process may make groups of its own. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** The group below which ours lie. */
  readonly base: string;
  readonly controllers: readonly string[];
}

/** A JVM believes no control group of version 1 where one of these but `pids` and `freezer` is missing. */
const WANTED = ['memory', 'cpu', 'cpuacct', 'cpuset', 'pids', 'freezer'];

/**
 * The hierarchies that can be written to: version 2 where it has the memory and pids controllers, else version 1.
 * Ours lie at the top, where the next keeper finds them again; but below this process's own group where that one is
 * limited, so that a limit put on the server holds for its sandboxes too.
 */
export function findHierarchies(ownName: string): readonly Hierarchy[] {
  const mounts = cgroupMounts();
  const own = ownGroups();
  const unified = mounts.find((mount) => mount.type === 'cgroup2');
  if (unified) {
    for (const base of candidates(unified, own.get('') ?? '/')) {
      const controllers = delegate(base, ownName);
      if (controllers.includes('memory') && controllers.includes('pids')) return [{ version: 2, base, controllers }];
    }
  }
  const found = new Map<string, Hierarchy>();
  for (const mount of mounts) {
    const controllers = WANTED.filter((name) => mount.options.includes(name));
    if (mount.type !== 'cgroup' || controllers.length === 0) continue;
    const path = own.get(controllers[0] ?? '') ?? '/';
    const base = candidates(mount, path).find((dir) => writable(dir, ownName));
    if (base && !found.has(controllers.join())) found.set(controllers.join(), { version: 1, base, controllers });
  }
  return [...found.values()];
}

interface CgroupMount {
  readonly type: string;
  readonly root: string;
  readonly point: string;
  readonly options: readonly string[];
}

function cgroupMounts(): readonly CgroupMount[] {
  return readText('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line) => {
      const [before, after] = line.split(' - ');
      const [type = '', , options = ''] = (after ?? '').split(' ');
      const [, , , root = '/', point = ''] = (before ?? '').split(' ');
      return type === 'cgroup' || type === 'cgroup2' ? [{ type, root, point, options: options.split(',') }] : [];
    });
}

/** This process's group by controller; the empty name is version 2. */
function ownGroups(): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  for (const line of readText('/proc/self/cgroup').split('\n')) {
    const [, controllers, ...path] = line.split(':');
    for (const name of (controllers ?? '').split(',')) own.set(name, path.join(':'));
  }
  return own;
}

/** The mount's root and the own group as seen through the mount (in a container the two differ), the better one first. */
function candidates(mount: CgroupMount, path: string): readonly string[] {
  const relative = mount.root !== '/' && path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
  const own = join(mount.point, relative);
  const limit = Number(readText(join(own, 'memory.max')) || readText(join(own, 'memory.limit_in_bytes')));
  const dirs = limit > 0 && limit < totalmem() ? [own, mount.point] : [mount.point, own];
  return [...new Set(dirs)].filter((dir) => !relative.startsWith('/..') && existsSync(dir));
}

/**
 * Makes a control group that may be there already. Not by Node's recursive mkdir: that never ends where the kernel
 * refuses a folder with ENOENT although its parent is there, as it does below a group that is being removed.
 */
export function makeGroup(dir: string): void {
  try {
    mkdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // In version 2 a group has those of the one above it as long as none are written.
  if (existsSync(join(dir, 'cgroup.controllers'))) return;
  // No process may join a cpuset of version 1 before it has processors and memory: those of the group above.
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    if (readText(join(dir, name)).trim() !== '') continue;
    const above = readText(join(dir, '..', name)).trim();
    if (above !== '') tryWrite(join(dir, name), above);
  }
}

/** Removes a control group. @returns false while there are processes or groups in it */
export function removeGroup(dir: string): boolean {
  try {
    rmdirSync(dir);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Only a mkdir shows it for sure: the mount may be read-only, or the group may belong to another user. */
function writable(base: string, ownName: string): boolean {
  const trial = join(base, `${ownName}-trial`);
  try {
    makeGroup(trial);
    rmdirSync(trial);
    return true;
  } catch {
    return false;
  }
}

/**
 * Hands the controllers down to groups below `base`. A version 2 group with processes of its own can't do that,
 * unless it is the root of all; where this process is alone in it, it moves into a leaf beside the sandboxes.
 */
function delegate(base: string, ownName: string): readonly string[] {
  if (!writable(base, ownName)) return [];
  const offered = readText(join(base, 'cgroup.controllers')).split(/\s+/);
  const wanted = WANTED.filter((name) => offered.includes(name));
  /** Without processors, which only help, where the kernel refuses them. */
  const enable = (): readonly string[] =>
    [wanted, wanted.filter((name) => name !== 'cpuset')].find((names) => handDown(base, names)) ?? [];
  if (wanted.length === 0) return [];
  const enabled = enable();
  if (enabled.length > 0) return enabled;
  const members = numbers(readText(join(base, 'cgroup.procs')));
  if (members.length !== 1 || members[0] !== process.pid) return [];
  const leaf = join(base, `${ownName}-keeper`);
  try {
    makeGroup(leaf);
    writeFileSync(join(leaf, 'cgroup.procs'), '0');
    return enable();
  } catch {
    return [];
  }
}

const handDown = (base: string, controllers: readonly string[]): boolean =>
  tryWrite(join(base, 'cgroup.subtree_control'), controllers.map((name) => `+${name}`).join(' '));
