import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../acceptance/support/server.ts';
import { call, type Home } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';
import { cliTerminal } from './support/terminal.ts';

let server: RunningServer;
let home: Home;

beforeAll(async () => {
  ({ server, home } = await openServed());
});
afterAll(() => closeServed({ server, home }));

const create = async (...args: string[]): Promise<string> =>
  (await call(['sessions', 'create', '-q', '--ttl', '10m', ...args], home)).stdout.trim();

const live = async (): Promise<string[]> =>
  (await call(['ls', '-q'], home)).stdout.split('\n').filter((line) => line !== '');

/** Types an answer to the question. @returns what was shown, and the exit code */
const answered = async (args: readonly string[], answer: string): Promise<{ text: string; code: number }> => {
  const screen = cliTerminal(args, home);
  await screen.see('[y/N]: ');
  screen.type(`${answer}\r`);
  const { code } = await screen.ended;
  return { text: screen.text(), code };
};

describe('on a terminal', () => {
  it('sessions are ended by --all only after a yes, and each is named', async () => {
    const ids = [await create('--name', 'one'), await create('--user', 'bob')];
    for (const no of ['', 'n', 'yess']) {
      const { text, code } = await answered(['sessions', 'rm', '--all'], no);
      for (const id of ids) expect(text).toContain(id);
      expect(text).toContain('(one) of ada');
      expect([code, text.includes('Nothing was changed.')]).toEqual([1, true]);
    }
    expect((await live()).sort()).toEqual([...ids].sort());
    expect((await answered(['rm', '--all'], 'y')).code).toBe(0);
    expect(await live()).toEqual([]);
  });

  it('a session of another user is asked for, and one of the caller is not', async () => {
    const [own, other] = [await create(), await create('--user', 'bob')];
    const screen = cliTerminal(['rm', own], home);
    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).not.toContain('[y/N]');
    expect((await answered(['rm', other], 'n')).text).toContain('of bob');
    expect(await live()).toEqual([other]);
    const yes = cliTerminal(['rm', '--yes', other], home);
    expect((await yes.ended).code).toBe(0);
  });

  it.each([
    ['a volume', ['volumes', 'rm', 'default', '-w', 'lab'], ['volumes', 'get', 'default', '-w', 'lab']],
    ['a bucket', ['buckets', 'rm', 'default', '-w', 'lab'], ['buckets', 'get', 'default', '-w', 'lab']],
    ['a workspace', ['workspaces', 'rm', 'lab'], ['workspaces', 'get', 'lab']],
    ['a workspace at once', ['workspaces', 'rm', '-f', 'lab'], ['workspaces', 'get', 'lab']],
    ['a user', ['users', 'rm', 'carl'], ['users', 'get', 'carl']],
    ['a webhook', ['webhooks', 'rm', 'HOOK'], ['webhooks', 'get', 'HOOK']],
    ['a key by its name', ['keys', 'rm', 'robot'], ['keys', 'ls', '--format', '{key_id}']],
    ['a key', ['keys', 'rm', 'KEY'], ['keys', 'ls', '--format', '{key_id}']],
  ])('%s is kept after a no', async (_what, args, look) => {
    await call(['workspaces', 'create', 'lab'], home);
    await call(['run', '-q', '-w', 'lab', '--volume', '1Gi', '--bucket', '1Gi', '--', 'true'], home);
    await call(['users', 'set', 'carl'], home);
    const key = (await call(['keys', 'create', 'robot', '-q'], home)).stdout.trim();
    const hook = (await call(['webhooks', 'create', 'https://hooks.invalid/x', '-q'], home)).stdout.trim();
    const named = (line: readonly string[]) => line.map((word) => ({ KEY: key, HOOK: hook })[word] ?? word);
    const words = named(args);
    expect((await answered(words, 'no')).code).toBe(1);
    const after = await call(named(look), home);
    expect([after.code, args[0] !== 'keys' || after.stdout.includes(key)]).toEqual([0, true]);
    expect((await answered(words, 'yes')).code).toBe(0);
    await call(['keys', 'rm', key], home);
    await call(['webhooks', 'rm', hook], home);
  });
});

describe('without a terminal', () => {
  it('what is named is destroyed, and --all needs --yes', async () => {
    const [named, other] = [await create(), await create('--user', 'bob')];
    const refused = await call(['rm', '--all'], home);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Repeat the command with --yes.')]);
    expect((await live()).sort()).toEqual([named, other].sort());
    expect((await call(['rm', other], home)).code).toBe(0);
    expect((await call(['rm', '--all', '--yes'], home)).code).toBe(0);
    expect(await live()).toEqual([]);
  });

  it.each([
    [
      'a volume',
      ['volumes', 'rm', 'default', '-w', 'lab'],
      ['volumes', 'get', 'default', '-w', 'lab'],
      /volume default/,
    ],
    [
      'a bucket',
      ['buckets', 'rm', 'default', '-w', 'lab'],
      ['buckets', 'get', 'default', '-w', 'lab'],
      /bucket default/,
    ],
    [
      'a workspace and its data',
      ['workspaces', 'rm', '-f', 'lab'],
      ['workspaces', 'get', 'lab'],
      /lab: 0 live sessions/,
    ],
    [
      'what is kept of one',
      ['workspaces', 'rm', '-f', 'lab'],
      ['volumes', 'get', 'default', '-w', 'lab'],
      /kept of work/,
    ],
  ])('%s needs --yes', async (what, args, look, named) => {
    await call(['workspaces', 'create', 'lab'], home);
    await call(['run', '-q', '-w', 'lab', '--volume', '1Gi', '--bucket', '1Gi', '--', 'true'], home);
    if (what.startsWith('what is kept')) expect((await call(['workspaces', 'rm', 'lab'], home)).code).toBe(0);
    const { code, stdout, stderr } = await call(args, home);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('Repeat the command with --yes.')]);
    expect(stderr).toMatch(named);
    expect((await call(look, home)).code).toBe(0);
    expect((await call([...args, '-y'], home)).code).toBe(0);
    expect((await call(look, home)).code).toBe(3);
  });

  it('a workspace whose data is kept needs none, and neither do a key and a webhook', async () => {
    await call(['workspaces', 'create', 'lab'], home);
    const key = (await call(['keys', 'create', 'robot', '-q'], home)).stdout.trim();
    const hook = (await call(['webhooks', 'create', 'https://hooks.invalid/x', '-q'], home)).stdout.trim();
    for (const args of [
      ['workspaces', 'rm', 'lab'],
      ['keys', 'rm', 'robot'],
      ['webhooks', 'rm', hook],
    ])
      expect(await call(args, home), args.join(' ')).toMatchObject({ code: 0 });
    expect((await call(['keys', 'ls', '-q'], home)).stdout).not.toContain(key);
  });

  it('a user that there is not is not said to be deleted', async () => {
    const { code, stdout, stderr } = await call(['users', 'rm', 'nosuchuser'], home);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain('There is no user nosuchuser.');
    expect((await call(['users', 'rm', 'nosuchuser', '--json'], home)).stdout).toContain('"deleted": false');
  });
});
