import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { call, type Home, makeHome } from './support/cli.ts';
import { cliTerminal } from './support/terminal.ts';

let server: RunningServer;
let home: Home;
beforeAll(async () => {
  server = await startServer({ env: { ONMEMOS_ISOLATION: 'none' } });
  home = await makeHome({ ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key, ONMEMOS_USER: 'ada' });
});
afterAll(async () => {
  await stopServer(server);
  await home.remove();
});

const WARNING = /onmemos: warning: .*the session is not isolated: /g;
const warnings = (printed: string): number => [...printed.matchAll(WARNING)].length;

it('run, exec and shell print each warning of the server once, and leave the output alone', async () => {
  const ran = await call(['run', '--quiet', '--', 'echo hello'], home);
  expect([ran.stdout, warnings(ran.stderr)]).toEqual(['hello\n', 1]);
  const made = await call(['sessions', 'create', '--quiet'], home);
  const session = made.stdout.trim();
  const executed = await call(['exec', session, '--', 'echo hello'], home);
  expect([executed.stdout, warnings(executed.stderr)]).toEqual(['hello\n', 1]);
  const detached = await call(['exec', '-d', session, '--', 'true'], home);
  expect(warnings(detached.stderr)).toBe(1);
  const asked = await call(['run', '--quiet', '--template', 'nosuchtool', '--', 'echo hello'], home);
  expect(asked.stderr.match(/onmemos: warning: template nosuchtool is not the name of an image/g)).toHaveLength(1);
  const screen = cliTerminal(['shell', session], home);
  await screen.see('is not isolated');
  screen.type('exit\n');
  expect((await screen.ended).code).toBe(0);
});
