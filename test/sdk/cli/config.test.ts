import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { call, type Home, makeHome } from './support/cli.ts';
import { cliTerminal } from './support/terminal.ts';

let server: RunningServer;
let home: Home;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => stopServer(server));
beforeEach(async () => {
  home = await makeHome();
});
afterEach(() => home.remove());

const configFile = (): string => join(home.dir, 'config', 'onmemos', 'config.json');

describe('login', () => {
  it('asks for address and key without showing the key, tries them and keeps them for oneself', async () => {
    const screen = cliTerminal(['login', '--user', 'ada'], home);
    await screen.see('Address of the server [http://127.0.0.1:8080]: ');
    screen.type(`${server.url}/\r`);
    await screen.see('API key: ');
    screen.type(`${server.key}\r`);
    await screen.see('Logged in');
    expect((await screen.ended).code).toBe(0);
    expect(screen.raw()).not.toContain(server.key);
    expect((await stat(configFile())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(configFile(), 'utf8'))).toEqual({
      current: 'default',
      profiles: { default: { url: server.url, api_key: server.key, user: 'ada' } },
    });
    expect(await call(['sessions', 'ls'], home)).toMatchObject({ code: 0, stdout: '' });
  });

  it('takes the key from a pipe, and keeps nothing of one that is refused', async () => {
    const wrong = await call(['login', '--url', server.url], { ...home, input: 'omk_wrong_key\n' });
    expect(wrong).toMatchObject({ code: 4, stdout: '' });
    expect(wrong.stderr).toContain('Authentication failed - check API key');
    await expect(stat(configFile())).rejects.toThrow();
    const right = await call(['login', '--url', server.url], { ...home, input: `${server.key}\n` });
    expect(right.code).toBe(0);
    expect(right.stderr).not.toContain(server.key);
    const nobody = await call(['login', '--url', 'http://127.0.0.1:1'], { ...home, input: 'x' });
    expect(nobody.code).toBe(5);
  });

  it('is left by Ctrl-C', async () => {
    const screen = cliTerminal(['login', '--url', server.url], home);
    await screen.see('API key: ');
    screen.type('\u0003');
    expect((await screen.ended).code).toBe(130);
  });
});

describe('profiles', () => {
  it('are set, listed, used and forgotten, and never show a key', async () => {
    await call(['login', '--url', server.url, '--profile', 'here'], { ...home, input: server.key });
    await call(['config', 'set', 'url', 'nowhere.example:1', '--profile', 'there'], home);
    await call(['config', 'set', 'api_key', '--profile', 'there'], { ...home, input: 'omk_abc_secret\n' });
    const empty = await call(['config', 'set', 'api_key', '--profile', 'there'], { ...home, input: '' });
    expect([empty.code, empty.stderr]).toEqual([2, 'api_key: \nonmemos: stdin ended before an answer came.\n']);
    const listed = await call(['config', 'ls'], home);
    expect(listed.stdout).toMatch(/^\* +here +http:/m);
    expect(listed.stdout).toMatch(/^ +there +http:\/\/nowhere\.example:1 +abc …/m);
    expect(listed.stdout).not.toContain('secret');
    expect(listed.stdout).not.toContain(server.key.slice(-20));
    expect((await call(['config', 'get', 'url', '--profile', 'there'], home)).stdout).toBe(
      'http://nowhere.example:1\n',
    );
    expect((await call(['config', 'use', 'there'], home)).code).toBe(0);
    expect((await call(['config', 'get', 'api_key'], home)).stdout).toBe('omk_abc_secret\n');
    expect((await call(['sessions', 'ls', '--profile', 'here'], home)).code).toBe(0);
    expect((await call(['config', 'rm', 'there'], home)).code).toBe(0);
    expect((await call(['config', 'use', 'there'], home)).code).toBe(3);
    expect((await call(['config', 'set', 'color', 'red'], home)).code).toBe(2);
    expect((await call(['config', 'set', 'url', 'ftp://x'], home)).code).toBe(2);
    expect(JSON.parse((await call(['config', 'ls', '--json'], home)).stdout)).toHaveLength(1);
  });

  it('come after --url and the environment, and before the service of this machine', async () => {
    await call(['login', '--url', server.url], { ...home, input: server.key });
    const version = async (...args: string[]) => (await call(['version', '--json', ...args], home)).stdout;
    expect(JSON.parse(await version())).toMatchObject({ server: { url: server.url } });
    expect(JSON.parse(await version('--url', 'http://127.0.0.1:1'))).toMatchObject({ server: { version: null } });
    const env = { ...home.env, ONMEMOS_BASE_URL: 'http://127.0.0.1:2' };
    const other = await call(['version', '--json'], { env });
    expect(JSON.parse(other.stdout)).toMatchObject({ server: { url: 'http://127.0.0.1:2' } });
  });

  it('say what is wrong with a broken file', async () => {
    await call(['config', 'set', 'user', 'ada'], home);
    await writeFile(configFile(), '{ broken');
    const { code, stderr } = await call(['config', 'ls'], home);
    expect(code).toBe(1);
    expect(stderr).toContain(configFile());
    expect(stderr).toContain('onmemos login');
  });
});

describe('doctor', () => {
  it('finds nothing wrong with a server that serves, and says what is with one that does not', async () => {
    const env = { ...home.env, ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key };
    const well = await call(['doctor'], { env });
    expect(well.code).toBe(0);
    expect(well.stdout).toMatch(/^ok +Server +\S+ at http/m);
    expect(well.stdout).toMatch(/^ok +Key +acts for anyone/m);
    const none = await call(['doctor', '--url', 'http://127.0.0.1:1'], { env });
    expect(none.code).toBe(1);
    expect(none.stdout).toMatch(/^problem +Server +no server answers/m);
    const wrong = await call(['doctor'], { env: { ...env, ONMEMOS_API_KEY: 'omk_no_thing' } });
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/^problem +Key +Authentication failed - check API key/m);
    expect(wrong.stdout).not.toContain('onmemos doctor');
  });

  it('looks at this machine where no server is named, and starts none', async () => {
    await call(['config', 'set', 'user', 'ada'], home);
    const { stdout } = await call(['doctor', '--json'], home);
    const findings = JSON.parse(stdout) as { check: string; state: string }[];
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['Node', 'perl', 'pasta', 'python3', 'Disk', 'Data folder', 'Profiles', 'Server']),
    );
    expect(findings.find(({ check }) => check === 'Profiles')?.state).toBe('ok');
    await expect(stat(home.dataDir)).rejects.toThrow();
  });
});
