import { statOf } from './view.ts';
import { commonLimits, devSteps, procSteps, sysSteps, takeSteps } from './inside.ts';
import { CLONE, MS, type Step } from './plan.ts';
import { seccompFilter } from './seccomp.ts';
import type { SandboxSpec } from './types.ts';
import { type HostView, layerSteps } from './view.ts';

/** Where one sandbox's things lie on the host. */
export interface SandboxFolders {
  readonly dir: string;
  readonly upper: string;
  readonly work: string;
  /** Mount points, used only inside the sandbox's own mount namespace. */
  readonly layer: string;
  readonly root: string;
  readonly workspace: string;
  readonly logs: string;
}

export interface FullOptions {
  readonly view: HostView;
  readonly resolvConf: string;
  readonly mountsBelow: readonly string[];
  readonly ownNetwork: boolean;
  readonly joinFiles: readonly string[];
  readonly shmMb: number;
  /** A folder laid over the host's programs, read-only: the template of a Python environment. */
  readonly extraLayer: string | null;
  readonly volatileUpper: boolean;
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

/** What a root of its own needs for packages and files; nothing that reaches a device, a mount or the machine. */
function capabilityMask(ownNetwork: boolean): number {
  const kept: number[] = [CAP.CHOWN, CAP.DAC_OVERRIDE, CAP.FOWNER, CAP.FSETID, CAP.KILL, CAP.SETGID, CAP.SETUID];
  kept.push(CAP.SYS_CHROOT, CAP.SETFCAP);
  if (ownNetwork) kept.push(CAP.NET_BIND_SERVICE);
  return kept.reduce((mask, cap) => mask + 2 ** cap, 0);
}

/** The last steps of everything that becomes the sandbox's: from here on nothing can be gained back. */
export function dropSteps(ownNetwork: boolean): readonly Step[] {
  const filter = seccompFilter(process.arch);
  return [
    ['groups'],
    ['caps', capabilityMask(ownNetwork)],
    ['no_new_privs'],
    ...(filter ? [['seccomp', filter] as const] : []),
  ];
}

/** Up to the point at which a ready sandbox waits for its name and folders. */
export function fullCreateSteps(folders: SandboxFolders, options: FullOptions): readonly Step[] {
  const { layer, root, upper, work } = folders;
  const inner = `${root}/r`;
  const unshared = CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWUTS | CLONE.NEWIPC | (options.ownNetwork ? CLONE.NEWNET : 0);
  const lowers = [layer, ...(options.extraLayer ? [options.extraLayer] : []), '/'].map(escapeLower).join(':');
  const overlay = [
    `lowerdir=${lowers},upperdir=${escapeLower(upper)},workdir=${escapeLower(work)}`,
    'redirect_dir=follow,metacopy=off,index=off,xino=off',
    ...(options.volatileUpper ? ['volatile'] : []),
  ].join(',');
  return [
    ['pdeathsig'],
    ['unshare', unshared],
    ['fork'],
    ['pdeathsig'],
    ...options.joinFiles.map((file): Step => ['join', file]),
    ['?write', '/proc/self/oom_score_adj', '-900'],
    ['unshare', CLONE.NEWCGROUP],
    ['session'],
    ['mount', '', '/', '', MS.REC | MS.PRIVATE, ''],
    ['mount', 'tmpfs', layer, 'tmpfs', MS.NOSUID | MS.NODEV, 'mode=755,size=4m'],
    ...layerSteps(layer, options.view, options.resolvConf),
    ['mount', 'overlay', root, 'overlay', MS.NOSUID | MS.NODEV, overlay],
    ['mount', inner, inner, '', MS.BIND, ''],
    ...options.mountsBelow.flatMap((path, i) => nestedOverlay(folders, inner, path, i)),
    ...devSteps(inner, true, options.shmMb),
    ...procSteps(inner),
    ...sysSteps(inner),
    ...(options.ownNetwork ? [['loopback'] as const] : []),
    ['say', 'waiting'],
  ];
}

/** From there on to process 1, which holds no privilege that its commands lack. */
export function fullTakeSteps(
  folders: SandboxFolders,
  spec: SandboxSpec,
  workspace: string,
  ownNetwork: boolean,
): readonly Step[] {
  const inner = `${folders.root}/r`;
  return [
    ...takeSteps(inner, spec, workspace),
    ['pivot', inner],
    ...commonLimits(),
    ...dropSteps(ownNetwork),
    ['say', 'ready'],
    ['init', '/usr/bin/sleep', '2147483647'],
  ];
}

/** An overlay of `/` shows the empty folder under a mount; the mount gets an overlay of its own. */
function nestedOverlay(folders: SandboxFolders, inner: string, path: string, i: number): readonly Step[] {
  if (!statOf(`/${path}`)) return [];
  const upper = `${folders.upper}-${i}`;
  const work = `${folders.work}-${i}`;
  const data = `lowerdir=${escapeLower(`/${path}`)},upperdir=${escapeLower(upper)},workdir=${escapeLower(work)}`;
  return [
    ['mkdir', upper, '755'],
    ['mkdir', work, '755'],
    ['?mount', 'overlay', `${inner}/${path}`, 'overlay', MS.NOSUID | MS.NODEV, data],
  ];
}

/** Commas and colons separate in the options of an overlay. */
const escapeLower = (path: string): string => path.replace(/[\\:,]/g, (c) => `\\${c}`);
