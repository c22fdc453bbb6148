import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { cachedRuntime, chromiumProgram, RUNTIME_NAMES, RUNTIMES } from './runtimes.ts';

const run = promisify(execFile);

interface Backend {
  readonly name: string;
  readonly used: boolean;
  readonly how: string;
}

const works = async (program: string, args: readonly string[]): Promise<boolean> => {
  try {
    await run(program, [...args], { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
};

const found = async (): Promise<readonly Backend[]> => {
  const root = process.getuid?.() === 0;
  const namespaces = await works('unshare', ['--mount', '--pid', '--fork', 'true']);
  const userNamespaces = await works('unshare', ['--user', '--map-root-user', 'true']);
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
    { name: 'own network (pasta)', used: await works('pasta', ['--version']), how: 'apt-get install passt' },
    ...(await platforms()),
  ];
};

/** What the TypeScript SDK is tried on beside the Node that runs the tests. */
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

/** A table of what the tests ran against, and of what they could not, with what would bring it. */
export const realBackends = async (): Promise<string> => {
  const rows = await found();
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = ({ name, used, how }: Backend): string =>
    `  ${used ? 'used    ' : 'not used'}  ${name.padEnd(width)}  ${how}`;
  return ['Real back ends:', ...rows.map(line)].join('\n');
};
