import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** All that a data folder's sandboxes have on this machine. */
export interface Remains {
  /** Processes in sandboxes or on their way in or out, the keeper and the server not among them. */
  readonly processes: readonly { readonly pid: number; readonly command: string; readonly sandbox: string | null }[];
  /** Mounts that the machine itself sees. */
  readonly mounts: readonly string[];
  /** Names of control groups of sandboxes, in any hierarchy. */
  readonly groups: readonly string[];
  /** Parents of such groups. */
  readonly parents: readonly string[];
  /** Folders of sandboxes. */
  readonly sandboxes: readonly string[];
  readonly volumes: readonly string[];
  readonly buckets: readonly string[];
  /** Everything at the top of the data folder that is none of its known files. */
  readonly strays: readonly string[];
}

const KNOWN =
  /^(admin\.key|server\.json|keyring\.json|store\.db(-wal|-shm|\.lock|\.lock-journal)?|keeper|sandboxes|volumes|buckets)$/;

const CGROUPS = '/sys/fs/cgroup';
const DEEPEST = 8;

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const names = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

const folders = (path: string): string[] => {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
};

const namespace = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return '';
  }
};

/** Every control group, of any hierarchy, whose name starts with `prefix`. */
const groupsNamed = (prefix: string, dir: string, depth = 0): string[] => {
  if (depth > DEEPEST) return [];
  return folders(dir).flatMap((name) => {
    const path = join(dir, name);
    return name.startsWith(prefix) ? [path] : groupsNamed(prefix, path, depth + 1);
  });
};

/** Looks for what is left of a data folder's sandboxes, whoever believes that it is gone. */
export const remainsOf = (dataDir: string, known: readonly (number | null)[]): Remains => {
  const real = realpathSync(dataDir);
  const mark = createHash('sha256').update(join(real, 'sandboxes')).digest('hex').slice(0, 12);
  const group = `onmemos-${mark}`;
  const own = namespace('self');
  const skipped = new Set<number>([process.pid, ...known.filter((pid) => pid !== null)]);

  const processes = names('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || skipped.has(pid)) return [];
    const command = text(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
    const cgroup = text(`/proc/${name}/cgroup`);
    const inside = cgroup.includes(group) ? (new RegExp(`${group}[^/]*/([^/\\n]+)`).exec(cgroup)?.[1] ?? null) : null;
    const marked = text(`/proc/${name}/environ`).includes(`ONMEMOS_SANDBOX=${mark}-`);
    const mounted = namespace(name) !== own && text(`/proc/${name}/mountinfo`).includes(real);
    const ours = inside !== null || marked || mounted || command.includes(real);
    return ours ? [{ pid, command: command.slice(0, 120), sandbox: inside }] : [];
  });
  const parents = groupsNamed(group, CGROUPS);
  return {
    processes,
    mounts: text('/proc/self/mountinfo')
      .split('\n')
      .filter((line) => line.includes(real)),
    parents,
    groups: [...new Set(parents.flatMap((path) => folders(path)))],
    sandboxes: folders(join(real, 'sandboxes')).filter((name) => !name.startsWith('.')),
    volumes: names(join(real, 'volumes')),
    buckets: names(join(real, 'buckets')),
    strays: names(real).filter((name) => !KNOWN.test(name)),
  };
};
