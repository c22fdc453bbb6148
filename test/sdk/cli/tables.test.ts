import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REGISTRY } from '../../../sdk/cli/src/registry.ts';
import { type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { call, type Home, makeHome } from './support/cli.ts';
import { cliTerminal } from './support/terminal.ts';
import { normal } from './support/normal.ts';
import { eventually } from './support/tidy.ts';

const GOLDEN = join(import.meta.dirname, '..', 'golden');

let server: RunningServer;
let home: Home;
let session: string;

const said = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await call(args, home);
  if (code !== 0) throw new Error(`onmemos ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout.trim();
};

beforeAll(async () => {
  // Without isolation everything shown is the same on every machine; at a provider's prices there is something to show.
  server = await startServer({ env: { ONMEMOS_ISOLATION: 'none', ONMEMOS_SHADOW_PROVIDER: 'gke' } });
  home = await makeHome({ ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key, ONMEMOS_USER: 'ada' });
  await said(
    'workspaces',
    'create',
    'lab',
    '--name',
    'The lab',
    '--package',
    'dev_small',
    '--description',
    'for trials',
  );
  await said('workspaces', 'members', 'add', 'lab', 'grace', '--role', 'viewer');
  session = await said(
    'sessions',
    'create',
    '-q',
    '-w',
    'lab',
    '--ttl',
    '1h',
    '--name',
    'bench',
    '-l',
    'team=a b',
    '--volume',
    '10Gi',
    '--bucket',
    '5Gi',
    '-e',
    'TOKEN=secret',
    '--template',
    'alpine',
  );
  await said('sessions', 'create', '-q', '--ttl', '1h', '--package', 'dev_micro');
  await call(['exec', session, '--', 'echo out; exit 3'], home);
  await call(['exec', session, '--', 'printf', '%s\\n', 'two words', 'and\u001b[31m colour'], home);
  await said(
    'keys',
    'create',
    'robot',
    '--user',
    'ada',
    '--scope',
    'sessions:read',
    '--scope',
    'exec',
    '--expires',
    '30d',
  );
});
afterAll(async () => {
  await stopServer(server);
  await home.remove();
});

const shown = async (name: string, calls: readonly (readonly string[])[]): Promise<void> => {
  const parts: string[] = [];
  for (const args of calls) {
    const { code, stdout, stderr } = await call(args, home);
    const notes = stderr === '' ? '' : stderr.replace(/^/gm, '! ').replace(/\n! $/, '\n');
    parts.push(`$ onmemos ${args.join(' ')}\n${stdout}${notes}${code === 0 ? '' : `[${code}]\n`}`);
  }
  const text = normal(parts.join('\n'), { [server.url]: 'http://127.0.0.1:8080' });
  await expect(text).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
};

describe('what people are shown', () => {
  it('of sessions and their commands', async () => {
    await shown('sessions', [
      ['sessions', 'ls'],
      ['sessions', 'ls', '--workspace', 'lab', '--quiet'],
      ['sessions', 'ls', '--label', 'name=bench'],
      ['sessions', 'ls', '--user', 'nobody'],
      ['sessions', 'get', session],
      ['jobs', session],
      ['events', session],
    ]);
  });

  it('of workspaces and what lies in them', async () => {
    await shown('workspaces', [
      ['workspaces', 'ls'],
      ['workspaces', 'get', 'lab'],
      ['workspaces', 'get', 'ada/default'],
      ['workspaces', 'members', 'ls', 'lab'],
      ['volumes', 'ls', '-w', 'lab'],
      ['volumes', 'get', 'default', '-w', 'lab'],
      ['buckets', 'ls', '-w', 'ada/lab'],
      ['buckets', 'ls'],
    ]);
  });

  it('of users, keys and the catalogue', async () => {
    await shown('catalogue', [
      ['users', 'ls'],
      ['users', 'set', 'grace', '--type', 'pro', '--budget', '25', '--over-budget', 'terminate'],
      ['users', 'get', 'grace'],
      ['users', 'limits', 'grace'],
      ['keys', 'ls'],
      ['packages', 'ls'],
      ['packages', 'get', 'ml_t4_small'],
      ['providers', 'ls'],
    ]);
  });

  it('of webhooks', async () => {
    const url = 'https://hooks.invalid/onmemos';
    const made = await call(['webhooks', 'create', url, '--event', 'session.ending', '--description', 'on call'], home);
    expect(made.stdout).toMatch(/^whsec_[A-Za-z0-9+/]{43}=\n$/);
    const hook = await said('webhooks', 'ls', '-q');
    const rotated = await said('webhooks', 'rotate', hook);
    expect(rotated).toMatch(/^whsec_/);
    expect(rotated).not.toBe(made.stdout.trim());
    await shown('webhooks', [
      ['webhooks', 'ls'],
      ['webhooks', 'test', hook],
      ['webhooks', 'get', hook],
      ['webhooks', 'create', 'http://169.254.169.254/'],
      ['webhooks', 'rm', 'wbh-nothing'],
      ['webhooks', 'rm', hook],
      ['webhooks', 'ls'],
    ]);
  });

  it('of money', async () => {
    await shown('money', [
      ['cost', 'estimate', '--package', 'dev_large', '--ttl', '8h', '--volume', '100Gi'],
      ['cost', 'estimate', '--package', 'dev_large', '--provider', 'cloud_run'],
      ['cost', 'estimate', '--package', 'ml_a100_small', '--ttl', '2h'],
      ['cost', 'report', '--from', '2026-01-01', '--to', '2026-01-03'],
      ['cost', 'report', '--from', '2026-01-01', '--to', '2026-01-03', '--by', 'workspace'],
    ]);
  });

  it('when something is wrong', async () => {
    await shown('errors', [
      ['sessions', 'get', 'ses-nothing'],
      ['sessions', 'get', 'ses-'],
      ['sessions', 'get', 'ses-00000000000000000000000000'],
      ['workspaces', 'get', 'elsewhere'],
      ['workspaces', 'create', 'lab'],
      ['run', '--package', 'huge', '--', 'true'],
      ['run'],
      ['run', '--ttl', 'soon', '--', 'true'],
      ['run', '-e', 'NOT_SET_ANYWHERE', '--', 'true'],
      ['run', '--volume', 'big', '--', 'true'],
      ['run', '--gpu', 't4:9', '--', 'true'],
      ['runn', '--', 'true'],
      ['start'],
      ['help', 'nothing'],
      ['rnu', '--help'],
      ['-v'],
      ['sessions', 'stop', 'x'],
      ['sessions', 'rm'],
      ['sessions', 'rn', 'x'],
      ['keys', 'rm', 'key-nothing'],
      ['packages', 'get', 'huge'],
      ['cost', 'report', '--by', 'moon'],
      ['cost', 'report', '--from', 'yesterday'],
      ['users', 'set', 'ada', '--budget', 'much'],
      ['shell', session],
      ['sessions', 'ls', '--profile', 'nowhere'],
      ['sessions', 'ls', '--url', 'ftp://example.com'],
      ['sessions', 'ls', '--url', 'http://127.0.0.1:1'],
      ['completion'],
    ]);
  });

  it('of help', async () => {
    await shown('help', [['--help'], ['sessions', 'ls', '--help'], ...REGISTRY.map(({ name }) => [name, '--help'])]);
  });
});

describe('what scripts are given', () => {
  it('is the very answer of the server', async () => {
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`${server.url}${path}`, { headers: { 'X-API-Key': server.key } })).json();
    const answer = async (...args: string[]): Promise<unknown> => JSON.parse(await said(...args, '--json'));
    expect(await answer('sessions', 'get', session)).toEqual(await get(`/v1/sessions/${session}`));
    for (const list of [['sessions', 'ls'], ['sessions', 'list'], ['ls'], ['ps']])
      expect(await answer(...list), list.join(' ')).toEqual(await get('/v1/sessions'));
    expect(await answer('jobs', session)).toEqual(await get(`/v1/sessions/${session}/execs`));
    expect(await answer('workspaces', 'get', 'lab')).toEqual(await get('/v1/workspaces/ada/lab'));
    expect(await answer('packages', 'ls')).toEqual(await get('/v1/packages'));
    expect(await answer('users', 'limits')).toEqual(await get('/v1/users/ada/entitlements'));
    expect(await answer('events', session)).toEqual(await get(`/v1/sessions/${session}/events`));
  });
});

describe('what people are shown on a terminal', () => {
  it.each([80, 60])('fits in %d columns', async (cols) => {
    const wide: string[] = [];
    for (const args of [
      ['users', 'limits'],
      ['events', session],
      ['packages'],
      ['providers'],
      ['keys', 'ls'],
      ['users', 'ls'],
      ['workspaces', 'ls'],
      ['volumes', 'ls', '-w', 'lab'],
      ['sessions', 'ls'],
      ['jobs', session],
      ['top', '--once'],
    ]) {
      const screen = cliTerminal(args, { ...home, cols, rows: 40 });
      expect((await screen.ended).code).toBe(0);
      // What shows that the server is waited for is overwritten.
      const lines = stripVTControlCharacters(screen.raw())
        .split(/\r?\n/)
        .map((line) => line.split('\r').at(-1) ?? '');
      expect(lines.length, args.join(' ')).toBeGreaterThan(2);
      wide.push(...lines.filter((line) => [...line].length > cols).map((line) => `${args.join(' ')}: ${line}`));
    }
    expect(wide).toEqual([]);
  });
});

// Last, because its session is in every list from then on.
describe('money', () => {
  it('that was spent has a bar for each day with cost', async () => {
    await said('run', '-q', '--package', 'dev_large', '--', 'sleep 2');
    const report = await eventually(
      () => said('cost', 'report', '--from', '2d'),
      (text) => text.includes('█'),
      'a bar',
    );
    const [, day = '', others, blank] = report.split('\n');
    expect(blank).toBe('');
    expect(others).toBe('2 days without cost: not shown.');
    expect(/█+/.exec(day)?.[0].length).toBe(30);
    expect(day).toMatch(/^\d{4}-\d\d-\d\d +(\$0\.0\d+|less than \$0\.0001) +\S+ +█+$/);
  });
});
