import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { personEnv } from '../../acceptance/support/server.ts';
import { dataIn, type Person } from './person.ts';

const run = promisify(execFile);
const RELEASE = 'bookworm';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Why no Debian can be made here, and what brings it; null where one can. */
export const debianLack = async (): Promise<string | null> => {
  if (process.getuid?.() !== 0) return 'only root can make a Debian to change into: run the tests as root';
  return run('debootstrap', ['--version']).then(
    () => null,
    () => 'debootstrap is not installed: apt-get install debootstrap',
  );
};

/** Runs a program with the folder as its root, beside this machine's devices, processes and network. */
const ENTER = `root=$1; shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"; mount --rbind /sys "$root/sys"; mount --rbind /dev "$root/dev"
cd "$root" && mkdir -p .before && pivot_root . .before && umount -l /.before && cd "\${CLONE:-/}" && exec "$@"`;
const ENTER_CHROOT = ENTER.replace(/cd "\$root".*/, `exec chroot "$root" sh -c 'cd "$CLONE" && exec "$@"' sh "$@"`);

const enter = (script: string, root: string): readonly string[] => [
  ...['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', script, 'sh', root],
];

export interface Debian {
  /** Root in a plain chroot of it. */
  readonly chrooted: Person;
  /** Root in it as in a machine of its own. */
  readonly person: Person;
  /** The same for a user without rights, whose clone lies in their home. */
  readonly user: Person;
  install(...packages: readonly string[]): Promise<void>;
}

/** A bare Debian 12 with its own npm and no other package installed by hand. */
export const bareDebian = async (root: string): Promise<Debian> => {
  const sources = '/etc/apt/sources.list.d/debian.sources';
  // debootstrap mounts /proc in its root. In a mount namespace of its own, an interrupted run leaves no mount behind.
  const apart = ['--mount', '--propagation', 'private', 'debootstrap', '--variant=minbase', RELEASE, root];
  await run('unshare', apart, { maxBuffer: 64 * 1024 * 1024 });
  // Use the package sources and the certificates of this machine.
  const copy = async (file: string): Promise<void> => {
    const text = await readFile(file).catch(() => null);
    if (text !== null) await writeFile(join(root, file), text);
  };
  for (const file of ['/etc/resolv.conf', '/etc/hosts', sources]) await copy(file);
  const env = {
    ...personEnv(),
    TMPDIR: '/tmp',
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    DEBIAN_FRONTEND: 'noninteractive',
  };
  const inside = (...command: readonly string[]) => {
    const [program = '', ...args] = [...enter(ENTER, root), ...command];
    return run(program, args, { env, maxBuffer: 64 * 1024 * 1024 });
  };
  await inside('apt-get', 'update', '-qq');
  const install = async (...packages: readonly string[]): Promise<void> => {
    await inside('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
  };
  await install('npm', 'ca-certificates');
  await copyFile(CERTIFICATES, join(root, CERTIFICATES)).catch(() => undefined);
  const personAt = (home: string, before: readonly string[], more: NodeJS.ProcessEnv = {}): Person => ({
    home: join(root, home),
    dataDir: join(root, home, 'data'),
    clone: join(root, home, 'clone'),
    env: {
      ...env,
      HOME: home,
      npm_config_cache: join(home, '.npm'),
      CLONE: join(home, 'clone'),
      ...dataIn(home),
      ONMEMOS_NETWORK: 'none',
      ...more,
    },
    before,
  });
  const user = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
  await mkdir(join(root, 'home', 'nobody'), { recursive: true });
  return {
    chrooted: personAt('/root', enter(ENTER_CHROOT, root)),
    person: personAt('/root', enter(ENTER, root)),
    user: personAt('/home/nobody', [...enter(ENTER, root), ...user], { USER: 'nobody', LOGNAME: 'nobody' }),
    install,
  };
};
