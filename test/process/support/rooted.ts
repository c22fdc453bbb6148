import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './root.ts';

/** Why a server can't get a root of its own here; null if it can. */
export const rootedLack = (): string | null =>
  process.getuid?.() === 0 ? null : 'only root can mount what these servers see: run the tests as root for this';

export interface Rooted {
  /** Where the root of the machine is made: an empty folder. */
  readonly root: string;
  /** Folders of this machine that it has, at the same paths, besides programs and the repository. */
  readonly shown: readonly string[];
  /** A program that stands for one of this machine's, by its name. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Runs the server without the right to make namespaces and mounts. */
  readonly confined?: boolean;
}

const SYSTEM = ['usr', 'bin', 'sbin', 'lib', 'lib64', 'etc', 'opt', 'dev', 'proc', 'sys'];

/** In a mount namespace of its own: a chroot with these folders and no others. Nothing of it is left when it ends. */
const SCRIPT = `set -e
root=$1 confined=$2; shift 2
while [ "$1" != -- ]; do
  case $1 in
    */bin/*) [ ! -e "/usr/bin/\${1##*/}" ] || mount --bind "$1" "/usr/bin/\${1##*/}" ;;
    *)
      if [ -L "$1" ]; then cp -P "$1" "$root$1"
      elif [ -d "$1" ]; then mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; fi ;;
  esac
  shift
done
shift
mkdir -p "$root/tmp"
if [ "$confined" = yes ]; then exec chroot "$root" setpriv --bounding-set=-sys_admin -- "$@"; fi
exec chroot "$root" "$@"
`;

/** The command to put before a server's program, so that it runs in a chroot of its own. */
export const rooted = async ({ root, shown, programs = {}, confined = false }: Rooted): Promise<readonly string[]> => {
  const bin = join(root, 'programs', 'bin');
  await mkdir(bin, { recursive: true });
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), text);
    await chmod(join(bin, name), 0o755);
  }
  const replaced = Object.keys(programs).map((name) => join(bin, name));
  const folders = [...SYSTEM.map((name) => `/${name}`), ROOT, ...shown];
  const mode = confined ? 'yes' : 'no';
  return [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    SCRIPT,
    'sh',
    root,
    mode,
    ...replaced,
    ...folders,
    '--',
  ];
};
