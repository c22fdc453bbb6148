import { readlinkSync, type Stats } from 'node:fs';
import { entriesOf, statOf } from '../disk/paths.ts';
import type { Step } from '../launch/plan.ts';
import { readText } from '../process/proc.ts';
import { PASSWORD_FILE_MODE, passwordFiles } from './accounts.ts';

/** The folders of the host that a sandbox sees, and nothing beside them. */
export const SHOWN: readonly string[] = [
  'usr',
  'bin',
  'sbin',
  'lib',
  'lib32',
  'lib64',
  'libx32',
  'libexec',
  'opt',
  'etc',
];

/** State of package managers, so that they know what is installed; a sandbox changes a copy of its own. */
const PACKAGE_STATE = [
  ...['var/lib/dpkg', 'var/lib/apt', 'var/cache/apt', 'var/cache/debconf', 'var/lib/ucf', 'var/lib/pam'],
  ...['var/lib/rpm', 'var/lib/dnf', 'var/lib/yum', 'var/lib/pacman', 'var/lib/zypp', 'var/lib/alternatives'],
];

/** Never shown, whatever their mode says: names anywhere below a shown folder. */
const SECRET_NAMES = new Set(
  (
    'shadow shadow- gshadow gshadow- opasswd passwords.dat machine-id krb5.keytab boto.cfg .s3cfg .netrc .npmrc .pgpass ' +
    '.my.cnf .ssh .aws .azure .kube .docker .gnupg .config/gcloud kubeconfig authorized_keys authorized_keys2 ' +
    'htpasswd .htpasswd fscrypt.conf crypttab fstab'
  ).split(' '),
);

/** Never shown: paths of services whose settings hold credentials. */
const SECRET_PATHS = new Set(
  (
    'ssh ssl/private pki/tls/private pki/private letsencrypt kubernetes k3s rke2 rancher etcd kubelet cni crio containerd ' +
    'containers docker podman nomad.d consul.d vault.d boundary.d openvpn wireguard ipsec.d swanctl strongswan ' +
    'NetworkManager/system-connections wpa_supplicant netplan ppp cloud google azure amazon aws gcloud sudoers ' +
    'sudoers.d polkit-1/localauthority rancher-node puppet puppetlabs chef salt ansible munge samba/private ' +
    'onmemos credstore credstore.encrypted'
  )
    .split(' ')
    .map((path) => `etc/${path}`),
);

/** Folders of its own, with their modes. */
export const OWN_FOLDERS: readonly (readonly [path: string, mode: string])[] = [
  ...(['proc', 'sys', 'dev', 'run', 'workspace', 'buckets', 'mnt', 'media', 'srv', 'home', 'var'] as const),
  ...(['var/lib', 'var/cache', 'var/log', 'var/spool', 'var/mail', 'var/opt', 'var/local'] as const),
].map((path) => [path, '755'] as const);
export const OPEN_FOLDERS: readonly string[] = ['tmp', 'var/tmp', 'run/lock'];

/** What of the host is hidden below the shown folders, found by a walk over what could be secret. */
export interface HostView {
  /** Paths without a leading slash, of files and folders alike. */
  readonly hidden: readonly string[];
  /** Changes when /etc itself did. */
  readonly stamp: string;
}

/** Cheap: what makes a view old. */
export const viewStamp = (): string => {
  const stat = statOf('/etc');
  return stat ? `${stat.ino}:${stat.mtimeMs}` : '';
};

/**
 * Hides what is named above and whatever an ordinary user of the host can't read: a sandbox's root could.
 * All of /etc is walked, of /opt and /usr/local only the top.
 */
export function readHostView(): HostView {
  const hidden: string[] = [];
  const stamp = viewStamp();
  const walk = (path: string, depth: number) => {
    for (const entry of entriesOf(`/${path}`)) {
      const below = `${path}/${entry.name}`;
      if (SECRET_NAMES.has(entry.name) || SECRET_PATHS.has(below)) hidden.push(below);
      else if (!entry.isSymbolicLink()) {
        const stat = statOf(`/${below}`);
        if (!stat) continue;
        const readable = entry.isDirectory() ? (stat.mode & 0o5) === 0o5 : (stat.mode & 0o4) !== 0;
        if (!readable) hidden.push(below);
        else if (entry.isDirectory() && depth > 1) walk(below, depth - 1);
      }
    }
  };
  walk('etc', 12);
  walk('opt', 3);
  walk('usr/local', 3);
  walk('var/cache/debconf', 1);
  return { hidden, stamp };
}

/**
 * Steps that fill a tmpfs at `layer` with the middle layer of a sandbox's view: below `r` lie the sandbox's own
 * folders and, for each shown folder of the host, a redirect to it. A new folder at the host's top is not in it.
 */
export function layerSteps(layer: string, view: HostView, resolvConf: string): readonly Step[] {
  const steps: Step[] = [['mkdir', `${layer}/r`, '755']];
  const made = new Set<string>();
  const at = (path: string) => `${layer}/r/${path}`;
  const dir = (path: string, mode: string) => {
    if (made.has(path)) return;
    made.add(path);
    steps.push(['mkdir', at(path), mode]);
  };
  const like = (path: string, stat: Stats) => {
    dir(path, (stat.mode & 0o7777).toString(8));
    if (stat.uid !== 0 || stat.gid !== 0) steps.push(['chown', at(path), stat.uid, stat.gid]);
  };
  const redirect = (path: string) => {
    const stat = statOf(`/${path}`);
    if (!stat?.isDirectory()) return;
    like(path, stat);
    steps.push(['xattr', at(path), 'trusted.overlay.redirect', `/${path}`]);
  };
  for (const [path, mode] of OWN_FOLDERS) dir(path, mode);
  for (const path of OPEN_FOLDERS) dir(path, '1777');
  dir('root', '700');
  steps.push(['symlink', '/run', at('var/run')], ['symlink', '/run/lock', at('var/lock')]);
  for (const path of SHOWN) {
    const stat = statOf(`/${path}`);
    if (stat?.isSymbolicLink()) steps.push(['symlink', readlinkSync(`/${path}`), at(path)]);
    else redirect(path);
  }
  for (const path of PACKAGE_STATE) redirect(path);
  const passwords = passwordFiles(view.hidden);
  const own = new Set(passwords.map(({ path }) => path));
  for (const path of view.hidden) {
    const parts = path.split('/');
    // A folder on the way to a hidden entry must be there in this layer, and looks as it does on the host.
    const known = parts.slice(0, -1).every((_, i) => {
      const parent = parts.slice(0, i + 1).join('/');
      if (made.has(parent)) return true;
      const stat = statOf(`/${parent}`);
      if (!stat?.isDirectory()) return false;
      like(parent, stat);
      return true;
    });
    if (known && !own.has(path)) steps.push(['?mknod', at(path), '20000', 0, 0]);
  }
  for (const { path, text, group } of passwords) {
    steps.push(['?file', at(path), PASSWORD_FILE_MODE.toString(8), text], ['?chown', at(path), 0, group]);
  }
  steps.push(['?file', at('etc/resolv.conf'), '644', resolvConf], ['?symlink', '/proc/self/mounts', at('etc/mtab')]);
  return steps;
}

/** Mounts of the host's own below a shown folder: an overlay of `/` shows what lies under them instead. */
export function mountsBelowShown(): readonly string[] {
  return readText('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line) => {
      const point = line.split(' ')[4] ?? '';
      const top = point.split('/')[1] ?? '';
      return SHOWN.includes(top) && statOf(point)?.isDirectory() ? [point.slice(1)] : [];
    });
}
