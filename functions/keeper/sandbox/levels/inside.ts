import { statOf } from '../disk/paths.ts';
import { bind, MS, RLIMIT, readOnlyBind, type Step } from '../launch/plan.ts';
import type { ShownGroup } from '../cgroup/cgroup.ts';
import type { SandboxSpec } from '../types.ts';

/** Kernel files that show or change state outside the sandbox. */
const PROC_READ_ONLY = ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs'];
const PROC_HIDDEN = ['kcore', 'keys', 'kmsg', 'timer_list', 'sched_debug', 'latency_stats', 'kallsyms', 'kpagecount'];
const PROC_EMPTY = ['scsi', 'acpi', 'asound', 'driver'];

const DEVICES: readonly (readonly [name: string, major: number, minor: number])[] = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
];

/** `/proc`, with the machine's own files read-only or hidden. */
export function procSteps(root: string, pidMax: number | null): readonly Step[] {
  const steps: Step[] = [['mount', 'proc', `${root}/proc`, 'proc', MS.NOSUID | MS.NODEV | MS.NOEXEC, '']];
  const safe = MS.NOSUID | MS.NODEV | MS.NOEXEC;
  if (pidMax !== null) steps.push(['?write', `${root}/proc/sys/kernel/pid_max`, String(pidMax)]);
  for (const name of PROC_READ_ONLY) {
    if (statOf(`/proc/${name}`)) steps.push(...readOnlyBind(`${root}/proc/${name}`, `${root}/proc/${name}`, safe));
  }
  for (const name of PROC_HIDDEN) {
    if (statOf(`/proc/${name}`)) steps.push(['mount', `${root}/dev/null`, `${root}/proc/${name}`, '', MS.BIND, '']);
  }
  for (const name of PROC_EMPTY) {
    if (statOf(`/proc/${name}`)) {
      steps.push(['mount', 'tmpfs', `${root}/proc/${name}`, 'tmpfs', safe | MS.RDONLY, 'size=4k,nr_inodes=4']);
    }
  }
  return steps;
}

/** `/dev` with its own terminals and shared memory. As an ordinary user devices can't be made, only bound. */
/** Of a session. The kernel has a number of them for all sessions together. */
const MOST_TERMINALS = 256;

export function devSteps(root: string, make: boolean, shmMb: number): readonly Step[] {
  const steps: Step[] = [['mount', 'tmpfs', `${root}/dev`, 'tmpfs', MS.NOSUID | MS.NOEXEC, 'mode=755,size=256k']];
  const dev = `${root}/dev`;
  for (const [name, major, minor] of DEVICES) {
    if (make) steps.push(['mknod', `${dev}/${name}`, '20666', major, minor]);
    else steps.push(['file', `${dev}/${name}`, '666', ''], bind(`/dev/${name}`, `${dev}/${name}`));
  }
  steps.push(['mkdir', `${dev}/pts`, '755'], ['mkdir', `${dev}/shm`, '1777']);
  steps.push(
    [
      'mount',
      'devpts',
      `${dev}/pts`,
      'devpts',
      MS.NOSUID | MS.NOEXEC,
      `newinstance,ptmxmode=0666,mode=0620,max=${MOST_TERMINALS}`,
    ],
    ['mount', 'tmpfs', `${dev}/shm`, 'tmpfs', MS.NOSUID | MS.NODEV, `mode=1777,size=${shmMb}m`],
  );
  const links = {
    ptmx: 'pts/ptmx',
    fd: '/proc/self/fd',
    stdin: 'fd/0',
    stdout: 'fd/1',
    stderr: 'fd/2',
    core: '/proc/kcore',
  };
  for (const [name, target] of Object.entries(links)) steps.push(['symlink', target, `${dev}/${name}`]);
  return steps;
}

/** What programs read to size themselves: the processors, and the sandbox's own limits. Nothing else of /sys is shown. */
export function sysSteps(root: string, groups: readonly ShownGroup[]): readonly Step[] {
  const cpu = '/sys/devices/system/cpu';
  if (!statOf(cpu)) return [];
  const path = `${root}${cpu}`;
  const safe = MS.NOSUID | MS.NODEV | MS.NOEXEC;
  const parents = ['/sys/devices', '/sys/devices/system', cpu];
  return [
    ['mount', 'tmpfs', `${root}/sys`, 'tmpfs', safe, 'mode=755,size=4k'],
    ...parents.map((parent): Step => ['mkdir', `${root}${parent}`, '755']),
    ...readOnlyBind(cpu, path, safe),
    ['mkdir', `${root}/sys/fs`, '755'],
    ['mkdir', `${root}/sys/fs/cgroup`, '755'],
    // Read-only, and no command may mount: it can read the limits, not change them.
    ...groups.flatMap(({ dir, controllers }) => {
      const at = [`${root}/sys/fs/cgroup`, ...(controllers.length > 0 ? [controllers.join(',')] : [])].join('/');
      const names = controllers.length > 1 ? controllers : [];
      return [
        ['mkdir', at, '755'] as const,
        ...readOnlyBind(dir, at, safe),
        ...names.map((name): Step => ['symlink', controllers.join(','), `${root}/sys/fs/cgroup/${name}`]),
      ];
    }),
    ['mount', '', `${root}/sys`, '', MS.BIND | MS.REMOUNT | MS.RDONLY | safe, ''],
  ];
}

/** The sandbox's name, where its own programs look for it. */
export const nameSteps = (root: string, name: string): readonly Step[] => [
  ['?write', `${root}/etc/hostname`, `${name}\n`],
  ['?write', `${root}/etc/hosts`, hosts(name)],
];

/** What a ready sandbox still lacks when it is taken beside its name: the folders bound into it. */
export function assignSteps(root: string, spec: SandboxSpec, workspace: string): readonly Step[] {
  const steps: Step[] = [['hostname', spec.key.slice(0, 63)]];
  const flags = MS.NOSUID | MS.NODEV;
  const bound = [{ dir: workspace, path: '/workspace' }];
  for (const bucket of spec.buckets) {
    steps.push(['mkdir', `${root}/buckets/${bucket.name}`, '755']);
    bound.push({ dir: bucket.dir, path: `/buckets/${bucket.name}` });
  }
  for (const { dir, path } of bound) {
    steps.push(
      ['mount', dir, `${root}${path}`, '', MS.BIND, ''],
      ['?mount', '', `${root}${path}`, '', MS.BIND | MS.REMOUNT | flags, ''],
    );
  }
  return steps;
}

const hosts = (name: string): string =>
  `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t${name}\n`;

export const commonLimits = (): readonly Step[] => [
  ['rlimit', RLIMIT.CORE, 0],
  ['rlimit', RLIMIT.NOFILE, 65_536],
];

/**
 * From a process outside to the command, for a plan whose `target` and `group`s are known. The process that reads the plan joins every
 * namespace and drops (`drop`) what the sandbox may not have, but no process number in the sandbox is its own. Its
 * child, which has one, starts without privileges.
 */
export const enterSteps = (ownNetwork: boolean, drop: readonly Step[], limits: readonly Step[]): readonly Step[] => [
  ['whole'],
  ['ns', 'pid'],
  ...(ownNetwork ? [['ns', 'net'] as const] : []),
  ['ns', 'uts'],
  ['ns', 'ipc'],
  ['ns', 'cgroup'],
  ['ns', 'mnt'],
  ...drop,
  ['terminal'],
  ['fork'],
  ['join_groups'],
  ...limits,
  ['session'],
  ['command'],
];
