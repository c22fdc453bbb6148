import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf, ok } from '../acceptance/support/api.ts';
import { keeperPids, NODE, personEnv } from '../acceptance/support/server.ts';
import { until } from '../acceptance/support/until.ts';
import { running, shell } from '../acceptance/support/world.ts';
import { tracesOf } from '../process/support/traces.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');

/** By name within `home`: each test its own. */
const DATA_DIRS = ['data', 'embedded'] as const;
let home: string;
let folder: string;
const installed = (...path: string[]): string => join(folder, 'node_modules', ...path);

/** Wants each package from its tarball; the registry is not asked for what one of them needs of another. */
const manifestFor = async (packed: string): Promise<string> => {
  const files: Record<string, string> = {};
  for (const folder of ['typescript', 'cli', 'standalone']) {
    const manifest = JSON.parse(await readFile(join(packed, folder, 'package.json'), 'utf8')) as Record<string, string>;
    const { name = '', version = '' } = manifest;
    files[name] = `file:${join(packed, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)}`;
  }
  const overrides = Object.fromEntries(Object.keys(files).map((name) => [name, `$${name}`]));
  return JSON.stringify({ private: true, type: 'module', dependencies: files, overrides });
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'onmemos-packed-'));
  folder = join(home, 'app');
  const packed = join(home, 'packages');
  await run(NODE, [join(ROOT, 'sdk', 'pack.ts'), '--out', packed], { env: personEnv() });
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), await manifestFor(packed));
  await writeFile(join(folder, 'first.ts'), FIRST_PROGRAM);
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  await run('npm', ['install', ...quiet], { cwd: folder, env: personEnv() });
});

afterAll(async () => {
  for (const dataDir of DATA_DIRS.map((name) => join(home, name))) {
    for (const pid of await keeperPids(dataDir)) process.kill(pid, 'SIGTERM');
    await keeperGone(dataDir);
  }
  await rm(home, { recursive: true, force: true });
});

/** Files of the repository that a process has: its program and its arguments, Node itself left out. */
const fromRepository = async (pid: number): Promise<string[]> => {
  const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(1);
  return [...argv, await readlink(`/proc/${pid}/cwd`)].filter((path) => path.startsWith(ROOT));
};

/** What somebody writes first: no address, no key, and all of it checked by the compiler. */
const FIRST_PROGRAM = `
import { OnMemOSClient } from 'onmemos';
const client = new OnMemOSClient();
await using session = await client.session({ user: 'me', resource_package: 'dev_micro', ttl_minutes: 5 });
const result = await session.run(['echo', 'from', session.id], { check: true });
console.log(result.stdout.trim());
`;
const CHECKED = [
  '--noEmit',
  '--strict',
  '--module',
  'nodenext',
  '--target',
  'es2024',
  '--lib',
  'es2024,esnext.disposable,dom',
];

const keeperGone = async (dataDir: string): Promise<void> => {
  await until('the keeper has gone', async () => (await keeperPids(dataDir)).length === 0);
};

describe('the packages, installed from their tarballs into an empty folder', () => {
  it('name no file of the machine that made them', async () => {
    for (const entry of await readdir(installed('@onmemos'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      expect([path, (await readFile(path, 'utf8')).includes(ROOT)]).toEqual([path, false]);
    }
  });

  it('hold a service that starts, is found by the SDK beside it, keeps sessions and ends', async () => {
    const dataDir = join(home, 'data');
    const child = spawn(NODE, [installed('.bin', 'onmemos-standalone')], {
      cwd: folder,
      env: { ...personEnv(), ONMEMOS_DATA_DIR: dataDir, ONMEMOS_PORT: '0', ONMEMOS_LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    try {
      const url = await until('it serves', async () => /serves at (http:\S+)/.exec(printed)?.[1]);
      expect(printed).toMatch(/check\s+delete it\s+[\d.]+ ms\s+terminated/);
      const api = apiOf(url, (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim());
      const session = await running(api, { user: 'me' });
      expect(await shell(api, session, 'echo from the package')).toBe('from the package\n');
      for (const asset of ['', '/swagger-ui.css', '/swagger-ui-bundle.js'])
        expect([asset, (await fetch(`${url}/docs${asset}`)).status]).toEqual([asset, 200]);
      const { stdout } = await run(NODE, ['first.ts'], {
        cwd: folder,
        env: { ...personEnv(), ONMEMOS_DATA_DIR: dataDir },
      });
      expect(stdout).toMatch(/^from ses-[a-z0-9]+\n$/);
      const processes = [child.pid ?? 0, ...(await keeperPids(dataDir))];
      expect(processes).toHaveLength(2);
      expect((await Promise.all(processes.map(fromRepository))).flat()).toEqual([]);
      ok(await api.del(`/v1/sessions/${session.id}`));
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    await keeperGone(dataDir);
  });

  it('hold a command line that starts the service, runs a command in a session and leaves nothing', async () => {
    const dataDir = join(home, 'embedded');
    const person = { ...personEnv(), HOME: home, XDG_CONFIG_HOME: join(home, 'config'), ONMEMOS_DATA_DIR: dataDir };
    const onmemos = (...args: string[]) => run(installed('.bin', 'onmemos'), args, { cwd: home, env: person });
    const first = await onmemos('run', '--', 'echo', 'hi');
    expect(first.stdout).toBe('hi\n');
    const { pid } = JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8')) as { pid: number };
    expect((await Promise.all([pid, ...(await keeperPids(dataDir))].map(fromRepository))).flat()).toEqual([]);
    const failing = await onmemos('run', '--', 'sh', '-c', 'exit 7').catch((error: { code: number }) => error);
    expect(failing).toMatchObject({ code: 7 });
    expect((await onmemos('--version')).stdout).toContain('0.1.0');
    await until('the service has gone', async () => !(await readdir(dataDir)).includes('server.json'));
    await keeperGone(dataDir);
    await until('its process has ended', async () => !(await readdir('/proc')).includes(String(pid)));
    expect(await tracesOf(dataDir, dataDir, [])).toEqual([]);
  });

  it('hold types that a strict compiler takes', async () => {
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    const args = [...CHECKED, '--types', '', 'first.ts'];
    const { stdout } = await run(tsc, args, { cwd: folder, env: personEnv() }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it('say what to type in words that fit them', async () => {
    const { stdout } = await run(NODE, [installed('.bin', 'onmemos-standalone'), '--help'], {
      cwd: folder,
      env: personEnv(),
    });
    expect(stdout).toMatch(/^npx @onmemos\/standalone /);
    expect(stdout).not.toContain('npm start');
  });
});
