import { cpSync } from 'node:fs';
import { accessSync, constants, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { lockSteps, type LevelPlans, venvSteps } from './full-plan.ts';
import { assignSteps, commonLimits, devSteps, enterSteps, nameSteps, procSteps, sysSteps } from './inside.ts';
import type { SandboxFolders } from '../disk/folders.ts';
import { statOf } from '../disk/paths.ts';
import { bind, CLONE, MS, RLIMIT, type Step } from '../launch/plan.ts';
import { PASSWORD_FILE_MODE, passwordFiles } from './accounts.ts';
import { type HostView, OPEN_FOLDERS, OWN_FOLDERS, SHOWN } from './view.ts';

/** Files of /etc that each sandbox has of its own. */
const OWN_FILES = ['hosts', 'hostname', 'resolv.conf'];

/**
 * An ordinary user's plans: a user namespace with one id, the host's programs bound read-only, a root folder of
 * the sandbox's own. No capability is left in it, so nothing of the namespaces can be changed from inside.
 */
export function userPlans(uid: number, gid: number, etc: () => string): LevelPlans {
  return {
    create: ({ folders, resolvConf, ownNetwork, joinFiles, shownGroups, shmMb, venv, pidMax }) => [
      ['unshare', CLONE.NEWUSER],
      ['write', '/proc/self/setgroups', 'deny'],
      ['write', '/proc/self/uid_map', `0 ${uid} 1`],
      ['write', '/proc/self/gid_map', `0 ${gid} 1`],
      ['pdeathsig'],
      ['unshare', CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWUTS | CLONE.NEWIPC | (ownNetwork ? CLONE.NEWNET : 0)],
      ['fork'],
      ['pdeathsig'],
      ...joinFiles.map((file): Step => ['join', file]),
      ['unshare', CLONE.NEWCGROUP],
      ['session'],
      ['private'],
      ...rootSteps(folders, etc(), resolvConf),
      ...(venv ? venvSteps(folders, folders.root, venv, ',userxattr') : []),
      ...devSteps(folders.root, false, shmMb),
      ...procSteps(folders.root, pidMax),
      ...sysSteps(folders.root, shownGroups),
      ...(ownNetwork ? [['loopback'] as const] : []),
      ['say', 'waiting'],
    ],
    // Until here pasta opens its namespaces, as the same user without a privilege over it, and nothing else is in them.
    assign: ({ folders, pids }, spec, workspace) => [
      ['closed'],
      ...nameSteps(folders.root, spec.key),
      ...assignSteps(folders.root, spec, workspace),
      ['pivot', folders.root],
      ...limitSteps(pids),
      ['caps', 0],
      ...lockSteps(),
      ['say', 'ready'],
      ['init', '/usr/bin/sleep', '2147483647'],
    ],
    enter: ({ ownNetwork, pids }, init) => [
      ['closed'],
      ['target', init.pid, init.start, 'user', 'mnt', 'pid', 'uts', 'ipc', 'cgroup', ...(ownNetwork ? ['net'] : [])],
      ['ns', 'user'],
      ['pdeathsig'],
      // Joining a user namespace may open it again.
      ['closed'],
      ...enterSteps(ownNetwork, [['caps', 0], ...lockSteps()], limitSteps(pids)),
    ],
  };
}

/** Processes are counted per user namespace, process 1 among them. */
const limitSteps = (pids: number): readonly Step[] => [...commonLimits(), ['rlimit', RLIMIT.NPROC, pids + 1]];

function rootSteps(folders: SandboxFolders, etc: string, resolvConf: string): readonly Step[] {
  const { root } = folders;
  const steps: Step[] = [['mount', root, root, '', MS.BIND | MS.REC, '']];
  for (const [path, mode] of OWN_FOLDERS) steps.push(['mkdir', `${root}/${path}`, mode]);
  for (const path of OPEN_FOLDERS) steps.push(['mkdir', `${root}/${path}`, '1777']);
  steps.push(['mkdir', `${root}/root`, '700'], ['symlink', '/run', `${root}/var/run`]);
  for (const name of SHOWN) {
    const stat = statOf(`/${name}`);
    if (stat?.isSymbolicLink()) steps.push(['symlink', readlinkSync(`/${name}`), `${root}/${name}`]);
    else if (stat?.isDirectory()) {
      const source = name === 'etc' ? etc : `/${name}`;
      steps.push(['mkdir', `${root}/${name}`, '755'], bind(source, `${root}/${name}`));
      steps.push(['mount', '', `${root}/${name}`, '', MS.BIND | MS.REMOUNT | MS.RDONLY | MS.NOSUID | MS.NODEV, '']);
      // What is mounted below it too, from Linux 5.12 on.
      steps.push(['?readonly', `${root}/${name}`]);
    }
  }
  for (const name of OWN_FILES) {
    const own = join(folders.dir, `etc-${name}`);
    steps.push(['file', own, '644', name === 'resolv.conf' ? resolvConf : ''], bind(own, `${root}/etc/${name}`));
  }
  return steps;
}

/** Copies what of /etc may be shown to `target`: the same folder is then bound into every sandbox. */
export function copyEtc(target: string, view: HostView): void {
  const hidden = new Set(view.hidden.map((path) => `/${path}`));
  cpSync('/etc', target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !hidden.has(source) && copyable(source),
  });
  for (const name of OWN_FILES) writeFileSync(join(target, name), '', { flag: 'w' });
  for (const { path, text } of passwordFiles(view.hidden)) {
    writeFileSync(join(target, basename(path)), text, { mode: PASSWORD_FILE_MODE });
  }
}

function copyable(path: string): boolean {
  const stat = statOf(path);
  if (!stat || OWN_FILES.some((name) => path === `/etc/${name}`)) return false;
  if (stat.isSymbolicLink()) return true;
  if (!stat.isFile() && !stat.isDirectory()) return false;
  try {
    accessSync(path, stat.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
