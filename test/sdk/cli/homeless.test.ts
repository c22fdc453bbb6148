import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE, type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { startProgram } from '../../support/program.ts';
import { CLI, type Home, makeHome } from './support/cli.ts';

/** It has no entry in the system's list of users. */
const NOBODY = 54_321;
const asRoot = process.getuid?.() === 0;

let server: RunningServer;
let home: Home;
/** The folder in which commands are called: nothing of ours may be written there. */
let folder: string;
/** The home of another user. */
let closed: string;

const HOMES: readonly (readonly [string, () => string])[] = [
  ['nothing', () => ''],
  ['a relative path', () => 'here'],
  ['a file', () => '/dev/null'],
  ['a folder in which nothing can be made', () => '/proc'],
  ['a folder that is not there', () => join(home.dir, 'nowhere')],
  ['a home that can not be written', () => home.dir],
  ['the home of another user', () => closed],
];

beforeAll(async () => {
  server = await startServer();
  home = await makeHome();
  folder = join(home.dir, 'folder');
  closed = join(home.dir, 'closed');
  await mkdir(folder);
  await chmod(folder, 0o777);
  await mkdir(join(closed, '.config', 'onmemos'), { recursive: true });
  await writeFile(join(closed, '.config', 'onmemos', 'config.json'), '{"profiles":{}}');
  await chmod(closed, 0o700);
  await chmod(home.dir, 0o555);
});
afterAll(async () => {
  await stopServer(server);
  await chmod(home.dir, 0o755);
  await home.remove();
});

/** Every command that needs no folder. */
const COMMANDS = [
  '--help',
  'version',
  'doctor',
  'config ls',
  'ls',
  'packages',
  'cost report',
  'completion bash',
  'run -q -- true',
];

describe.runIf(asRoot)('a user without an entry', () => {
  const call = (line: string, env: Record<string, string>) =>
    startProgram(NODE, [CLI, ...line.split(' ')], { cwd: '/', uid: NOBODY, env }).ended;
  const path = { PATH: process.env['PATH'] ?? '' };
  const named = () => ({ ...path, ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key, ONMEMOS_USER: 'ada' });

  it.each(COMMANDS)('and without a home uses a server: %s', async (line) => {
    const { stderr } = await call(line, named());
    expect(stderr).not.toMatch(/^onmemos: (?!warning)/m);
  });

  it('and without a home is told what to set where a folder is needed', async () => {
    for (const [line, says] of [
      ['ls', 'ONMEMOS_DATA_DIR'],
      ['config set user ann', 'XDG_CONFIG_HOME'],
    ] as const) {
      const { code, stderr } = await call(line, path);
      expect([code, stderr], line).toEqual([1, expect.stringContaining(says)]);
    }
    expect((await call('version', path)).code).toBe(0);
  });

  it('is told what to set where the home of another user is named, and no server', async () => {
    const { code, stderr } = await call('ls', { ...path, HOME: closed });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^onmemos: .*config\.json can’t be read: EACCES.*\nSet HOME or XDG_CONFIG_HOME/);
  });

  it.each(HOMES)('and with HOME as %s uses a server', async (_what, homeOf) => {
    await usesServer(homeOf(), { uid: NOBODY });
  });
});

const usesServer = async (HOME: string, more: { readonly uid?: number }): Promise<void> => {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME,
    ONMEMOS_BASE_URL: server.url,
    ONMEMOS_API_KEY: server.key,
    ONMEMOS_USER: 'ada',
  };
  for (const line of ['config ls', 'run -q -- true']) {
    const outcome = await startProgram(NODE, [CLI, ...line.split(' ')], { cwd: folder, env, ...more }).ended;
    // What says where profiles are may say that nothing can be there.
    if (line !== 'config ls') expect(outcome, line).toMatchObject({ code: 0, stdout: '', stderr: '' });
    else expect([0, 1], outcome.stderr).toContain(outcome.code);
  }
  expect(await readdir(folder)).toEqual([]);
};

describe('a home in which nothing can be kept', () => {
  it.each(HOMES)('is no reason not to use a server: %s', async (_what, homeOf) => {
    await usesServer(homeOf(), {});
  });

  it('says where a profile can not be saved', async () => {
    for (const HOME of ['/proc', '/dev/null']) {
      const env = { PATH: process.env['PATH'] ?? '', HOME };
      const { code, stderr } = await startProgram(NODE, [CLI, 'config', 'set', 'user', 'ann'], { cwd: folder, env })
        .ended;
      expect([code, stderr], HOME).toEqual([1, expect.stringMatching(/can’t be written: .*\nSet XDG_CONFIG_HOME/)]);
    }
  });

  it('is not the data folder of a local server', async () => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: '/proc', XDG_CONFIG_HOME: folder };
    const { code, stderr } = await startProgram(NODE, [CLI, 'run', '--', 'true'], { cwd: folder, env }).ended;
    expect([code, stderr]).toEqual([
      125,
      expect.stringMatching(/The data folder can’t be written: .*\nSet ONMEMOS_DATA_DIR/),
    ]);
  });
});
