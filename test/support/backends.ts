import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { goMissing } from '../../agent/build/binary.ts';
import { PAGES } from '../../docs/reference/generate/pages.ts';
import { builtFakeGcs, FAKE_GCS, FAKE_GCS_HOW } from './fake-gcs/program.ts';
import { emulatorMissing } from './firestore-emulator.ts';
import { cachedRuntime, chromiumProgram, RUNTIME_NAMES, RUNTIMES } from './runtimes.ts';

const run = promisify(execFile);

interface Backend {
  readonly name: string;
  readonly used: boolean;
  readonly how: string;
}

const works = async (program: string, args: readonly string[]): Promise<boolean> => {
  try {
    await run(program, [...args], { timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
};

/** A Python that the SDK supports and that can create virtual environments. */
export interface PythonVersion {
  readonly program: string;
  /** Such as 3.12. */
  readonly version: string;
}

const OLDEST_PYTHON = 9;
const NEWEST_PYTHON = 20;
const ASK_PYTHON = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';

const pythonAt = async (program: string): Promise<PythonVersion | null> => {
  try {
    const { stdout } = await run(program, ['-c', ASK_PYTHON], { timeout: 60_000 });
    const version = stdout.trim();
    const minor = /^3\.(\d+)$/.exec(version)?.[1];
    return minor !== undefined && Number(minor) >= OLDEST_PYTHON ? { program, version } : null;
  } catch {
    return null;
  }
};

/** One Python of each version that this machine has, from 3.9 on, the oldest first. */
export const pythons = async (): Promise<readonly PythonVersion[]> => {
  const minors = Array.from({ length: NEWEST_PYTHON - OLDEST_PYTHON + 1 }, (_, i) => OLDEST_PYTHON + i);
  const kept = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const own = (await readdir(kept).catch(() => [])).map((name) => join(kept, name, 'bin', 'python3'));
  const programs = ['python3', ...minors.map((minor) => `python3.${minor}`), ...own];
  const answers = await Promise.all(programs.map(pythonAt));
  const byVersion = new Map(answers.flatMap((python) => (python ? [[python.version, python] as const] : [])));
  const minorOf = ({ version }: PythonVersion): number => Number(version.split('.')[1]);
  return [...byVersion.values()].sort((a, b) => minorOf(a) - minorOf(b));
};

/** Shells in which the tests load the command line's completion. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export const hasShell = (name: (typeof SHELLS)[number]): Promise<boolean> => works(name, ['-c', 'true']);

const shell = async (name: (typeof SHELLS)[number]): Promise<Backend> => {
  const used = await hasShell(name);
  return { name, used, how: used ? 'for completion' : `apt-get install ${name}` };
};

const found = async (): Promise<readonly Backend[]> => {
  const root = process.getuid?.() === 0;
  const namespaces = await works('unshare', ['--mount', '--pid', '--fork', 'true']);
  const userNamespaces = await works('unshare', ['--user', '--map-root-user', 'true']);
  const python = await pythons();
  return [
    { name: 'SQLite', used: true, how: `node:sqlite ${process.versions.sqlite}` },
    { name: 'processes', used: true, how: 'real ones, without isolation (level none)' },
    {
      name: 'sandboxes, level full',
      used: root && namespaces,
      how: root
        ? namespaces
          ? 'namespaces and cgroups as root'
          : 'this machine forbids namespaces'
        : 'run the tests as root',
    },
    {
      name: 'sandboxes, level user',
      used: userNamespaces,
      how: userNamespaces ? 'user namespaces' : 'needs util-linux and kernel.unprivileged_userns_clone=1',
    },
    {
      name: 'cgroups v2',
      used: existsSync('/sys/fs/cgroup/cgroup.controllers'),
      how: existsSync('/sys/fs/cgroup/cgroup.controllers')
        ? 'the machine’s own'
        : 'this machine has cgroups v1; boot with systemd.unified_cgroup_hierarchy=1',
    },
    {
      name: 'Python',
      used: python.length > 0,
      how:
        [...new Set([python.at(0), python.at(-1)])].flatMap((one) => (one ? [one.version] : [])).join(' and ') ||
        'apt-get install python3 python3-venv',
    },
    { name: 'own network (pasta)', used: await works('pasta', ['--version']), how: 'apt-get install passt' },
    {
      name: 'bare Debian',
      used: root && (await works('debootstrap', ['--version'])),
      how: root ? 'apt-get install debootstrap' : 'run the tests as root',
    },
    {
      name: 'disk that loses power (FUSE)',
      used: root && existsSync('/dev/fuse'),
      how: !root ? 'run the tests as root' : existsSync('/dev/fuse') ? '/dev/fuse' : 'modprobe fuse',
    },
    await firestore(),
    await cloudStorage(),
    await agent(),
    ...(await platforms()),
    ...(await Promise.all(SHELLS.map(shell))),
    ...PAGES.map(({ file, generator, installed }) => ({
      name: `reference, ${file}`,
      used: installed(),
      how: installed() ? generator : `npm run reference, which fetches ${generator}`,
    })),
  ];
};

const firestore = async (): Promise<Backend> => {
  const missing = await emulatorMissing();
  return { name: 'Firestore', used: missing === null, how: missing ?? 'the emulator of the Google Cloud SDK' };
};

const cloudStorage = async (): Promise<Backend> => {
  const used = (await builtFakeGcs()) !== null;
  return { name: 'Cloud Storage', used, how: used ? `${FAKE_GCS}, built from source` : FAKE_GCS_HOW };
};

const agent = async (): Promise<Backend> => {
  const missing = await goMissing();
  return { name: 'agent', used: missing === null, how: missing ?? 'built by Go from agent' };
};

/** Platforms on which the TypeScript SDK is tested, besides the Node that runs the tests. */
const platforms = async (): Promise<readonly Backend[]> => {
  const chromium = await chromiumProgram();
  return [
    { name: 'browser', used: chromium !== null, how: chromium ?? 'apt-get install chromium' },
    ...RUNTIME_NAMES.map((name) => {
      const program = cachedRuntime(name);
      const fetch = `let npm reach its registry: the tests fetch ${RUNTIMES[name].packages.join(' ')}`;
      return { name, used: program !== null, how: program === null ? fetch : RUNTIMES[name].packages.join(' ') };
    }),
  ];
};

export interface RealBackends {
  /** The backends that the tests used, and those that were missing, with how to install them. */
  readonly table: string;
  /** Missing backends that `REQUIRE_BACKENDS` requires: `all`, or names separated by commas. */
  readonly required: readonly string[];
}

export const realBackends = async (asked = process.env['REQUIRE_BACKENDS'] ?? ''): Promise<RealBackends> => {
  const rows = await found();
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = ({ name, used, how }: Backend): string =>
    `  ${used ? 'used    ' : 'not used'}  ${name.padEnd(width)}  ${how}`;
  const wanted = asked.split(',').map((name) => name.trim());
  const required = rows.filter(({ name, used }) => !used && (asked === 'all' || wanted.includes(name)));
  return { table: ['Real back ends:', ...rows.map(line)].join('\n'), required: required.map(({ name }) => name) };
};
