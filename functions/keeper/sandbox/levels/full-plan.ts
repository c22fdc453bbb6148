import { assignSteps, commonLimits, devSteps, enterSteps, nameSteps, procSteps, sysSteps } from './inside.ts';
import type { ShownGroup } from '../cgroup/cgroup.ts';
import type { SandboxFolders } from '../disk/folders.ts';
import { statOf } from '../disk/paths.ts';
import { CLONE, MS, type Step } from '../launch/plan.ts';
import type { ProcessId } from '../process/proc.ts';
import { VENV_PATH } from '../python/python.ts';
import { seccompFilter } from './seccomp.ts';
import type { SandboxSpec } from '../types.ts';
import { type HostView, layerSteps } from './view.ts';

/** What a level's plans are made from. */
export interface PlanOptions {
  /** The sandbox's name where it is known from the start: its files are then made with it, not changed later. */
  readonly hostname: string | null;
  readonly folders: SandboxFolders;
  readonly resolvConf: string;
  /** A network namespace of its own. */
  readonly ownNetwork: boolean;
  /** How its network namespace gets a place in the shared uplink; null where it has none. */
  readonly attach: { readonly before: readonly Step[]; readonly after: readonly Step[] } | null;
  readonly joinFiles: readonly string[];
  /** Its control groups, as far as it may look at them. */
  readonly shownGroups: readonly ShownGroup[];
  readonly shmMb: number;
  readonly pids: number;
  /** The highest process number in it, where no control group counts processes; null leaves the machine's. */
  readonly pidMax: number | null;
  /** The template of a Python environment, or null. */
  readonly venv: string | null;
}

/** How a level makes, finishes and enters a sandbox. */
export interface LevelPlans {
  create(options: PlanOptions): readonly Step[];
  assign(options: PlanOptions, spec: SandboxSpec, workspace: string): readonly Step[];
  /** From joining the namespaces of `init` to the command. What each command has of its own comes before it. */
  enter(options: PlanOptions, init: ProcessId): readonly Step[];
}

export interface FullOptions {
  readonly view: () => HostView;
  readonly mountsBelow: readonly string[];
}

const CAP = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  FOWNER: 3,
  FSETID: 4,
  KILL: 5,
  SETGID: 6,
  SETUID: 7,
  NET_BIND_SERVICE: 10,
  SYS_CHROOT: 18,
  SETFCAP: 31,
} as const;

/** What a sandbox's root needs for packages and files. None of these reaches a device, a mount or the machine. */
function capabilityMask(ownNetwork: boolean): number {
  const kept: number[] = [CAP.CHOWN, CAP.DAC_OVERRIDE, CAP.FOWNER, CAP.FSETID, CAP.KILL, CAP.SETGID, CAP.SETUID];
  kept.push(CAP.SYS_CHROOT, CAP.SETFCAP);
  if (ownNetwork) kept.push(CAP.NET_BIND_SERVICE);
  return kept.reduce((mask, cap) => mask + 2 ** cap, 0);
}

/** The last steps of every process of the sandbox: afterwards it can't regain a privilege. */
function dropSteps(ownNetwork: boolean): readonly Step[] {
  return [['groups'], ['caps', capabilityMask(ownNetwork)], ...lockSteps()];
}

/** An exec gains no privilege, and system calls that no command needs are refused. */
export function lockSteps(): readonly Step[] {
  const filter = seccompFilter(process.arch);
  return [['no_new_privs'], ...(filter ? [['seccomp', filter] as const] : [])];
}

/** Root's plans: one overlay of `/` under a layer that shows only what is allowed, and control groups. */
export function fullPlans({ view, mountsBelow }: FullOptions): LevelPlans {
  return {
    create: ({ hostname, folders, resolvConf, ownNetwork, attach, joinFiles, shownGroups, shmMb, venv, pidMax }) => {
      const { layer, root, upper, work } = folders;
      const inner = `${root}/r`;
      const overlay = [
        `lowerdir=${escapeLower(layer)}:/,upperdir=${escapeLower(upper)},workdir=${escapeLower(work)}`,
        // On: a folder that came with the machine can be renamed.
        'redirect_dir=on,metacopy=off,index=off,xino=off,volatile',
      ].join(',');
      return [
        ['closed'],
        ['pdeathsig'],
        ...(attach?.before ?? []),
        ['unshare', CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWUTS | CLONE.NEWIPC | (ownNetwork ? CLONE.NEWNET : 0)],
        ...(attach?.after ?? []),
        ['fork'],
        ['pdeathsig'],
        ...joinFiles.map((file): Step => ['join', file]),
        ['?write', '/proc/self/oom_score_adj', '-900'],
        ['unshare', CLONE.NEWCGROUP],
        ['session'],
        ['private'],
        ['mount', 'tmpfs', layer, 'tmpfs', MS.NOSUID | MS.NODEV, 'mode=755,size=4m'],
        ...layerSteps(layer, view(), resolvConf),
        ...nameSteps(`${layer}/r`, hostname ?? 'ready'),
        ['mkdir', root, '755'],
        ['mount', 'overlay', root, 'overlay', MS.NOSUID | MS.NODEV, overlay],
        ['mount', inner, inner, '', MS.BIND, ''],
        ...mountsBelow.flatMap((path, i) => nestedOverlay(folders, inner, path, i)),
        ...(venv ? venvSteps(folders, inner, venv, ',redirect_dir=on') : []),
        ...devSteps(inner, true, shmMb),
        ...procSteps(inner, pidMax),
        ...sysSteps(inner, shownGroups),
        ...(ownNetwork ? [['loopback'] as const] : []),
        ['say', 'waiting'],
      ];
    },
    assign: ({ folders, ownNetwork, hostname }, spec, workspace) => [
      // Nothing has opened these files yet, so their text can be changed below the overlay without a copy-up.
      ...(hostname === spec.key ? [] : nameSteps(`${folders.layer}/r`, spec.key)),
      ...assignSteps(`${folders.root}/r`, spec, workspace),
      ['pivot', `${folders.root}/r`],
      ...commonLimits(),
      ...dropSteps(ownNetwork),
      ['say', 'ready'],
      ['init', '/usr/bin/sleep', '2147483647'],
    ],
    enter: ({ ownNetwork }, init) => [
      ['closed'],
      ['pdeathsig'],
      ['target', init.pid, init.start, 'mnt', 'pid', 'uts', 'ipc', 'cgroup', ...(ownNetwork ? ['net'] : [])],
      ...enterSteps(ownNetwork, dropSteps(ownNetwork), commonLimits()),
    ],
  };
}

/** An overlay of `/` shows the empty folder under a mount, so each mount gets an overlay of its own. */
function nestedOverlay(folders: SandboxFolders, inner: string, path: string, i: number): readonly Step[] {
  if (!statOf(`/${path}`)) return [];
  const upper = `${folders.upper}-${i}`;
  const work = `${folders.work}-${i}`;
  const data = `lowerdir=${escapeLower(`/${path}`)},upperdir=${escapeLower(upper)},workdir=${escapeLower(work)},redirect_dir=on`;
  return [
    ['mkdir', upper, '755'],
    ['mkdir', work, '755'],
    ['?mount', 'overlay', `${inner}/${path}`, 'overlay', MS.NOSUID | MS.NODEV, data],
  ];
}

/** The Python environment: a copy-on-write view of the one template. */
export function venvSteps(folders: SandboxFolders, root: string, template: string, more: string): readonly Step[] {
  const [upper, work] = [`${folders.upper}-venv`, `${folders.work}-venv`];
  const data = `lowerdir=${escapeLower(template)},upperdir=${escapeLower(upper)},workdir=${escapeLower(work)}${more}`;
  return [
    ['mkdir', upper, '755'],
    ['mkdir', work, '755'],
    ['mkdir', `${root}${VENV_PATH}`, '755'],
    ['mount', 'overlay', `${root}${VENV_PATH}`, 'overlay', MS.NOSUID | MS.NODEV, data],
  ];
}

/** Commas and colons separate in the options of an overlay. */
const escapeLower = (path: string): string => path.replace(/[\\:,]/g, (c) => `\\${c}`);
