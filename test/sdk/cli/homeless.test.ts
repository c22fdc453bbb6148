import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE, type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { startProgram } from '../../support/program.ts';
import { CLI, type Home, makeHome } from './support/cli.ts';

/** It has no entry in the system's list of users. */
const NOBODY = 54_321;
const asRoot = process.getuid?.() === 0;

let server: RunningServer;
let home: Home;

beforeAll(async () => {
  server = await startServer();
  home = await makeHome();
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

  it.each([
    ['no home', () => ({})],
    ['an empty HOME', () => ({ HOME: '' })],
    ['a home that can not be written', () => ({ HOME: home.dir })],
  ])('and with %s uses a server', async (_what, given) => {
    for (const line of COMMANDS) {
      const { stderr } = await call(line, { ...named(), ...given() });
      expect(stderr, line).not.toMatch(/^onmemos: (?!warning)/m);
    }
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
});
