import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REASONS } from '#domain/lifecycle.ts';
import { serverWords } from '../../../sdk/cli/src/server-words.ts';
import type { RunningServer } from '../../acceptance/support/server.ts';
import { call, type Home } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';

let server: RunningServer;
let home: Home;

beforeAll(async () => {
  ({ server, home } = await openServed());
});
afterAll(() => closeServed({ server, home }));

/** The command line that a sentence advises, as arguments: `onmemos …` without the quotes. */
const advised = (sentence: string): readonly string[] =>
  (/`onmemos (?<command>[^`]+)`/.exec(sentence)?.groups?.['command'] ?? '').replace('COMMAND', 'true').split(' ');

describe('a workspace of another user', () => {
  it('is named with its owner, so that the advised command works', async () => {
    const made = await call(['workspaces', 'create', 'lab', '--user', 'ann'], home);
    expect(made.stderr).toBe('Workspace ann/lab is made. `onmemos run -w ann/lab -- COMMAND` runs something in it.\n');
    expect(await call(advised(made.stderr), home)).toMatchObject({ code: 0 });
    const none = await call(['volumes', 'ls', '-w', 'ann/lab'], home);
    expect(none.stderr).toBe(
      'Workspace ann/lab has no volumes. `onmemos run -w ann/lab --volume 10Gi -- COMMAND` makes one.\n',
    );
    expect(await call(advised(none.stderr), home)).toMatchObject({ code: 0 });
    expect((await call(['volumes', 'ls', '-w', 'ann/lab', '--quiet'], home)).stdout).toBe('default\n');
  });

  it('of the caller needs no owner', async () => {
    for (const [id, owner] of [
      ['mine', []],
      ['named', ['--user', 'ada']],
    ] as const) {
      const made = await call(['workspaces', 'create', id, ...owner], home);
      expect(made.stderr).toBe(`Workspace ${id} is made. \`onmemos run -w ${id} -- COMMAND\` runs something in it.\n`);
    }
    expect((await call(['buckets', 'ls', '-w', 'ada/mine'], home)).stderr).toContain('`onmemos run -w mine --bucket');
  });
});

describe('a session that has ended', () => {
  it('is said to have ended by commands that need a live one, and found by the others', async () => {
    await call(['run', '-q', '--keep', '--name', 'box', '--', 'echo said'], home);
    const id = (await call(['sessions', 'ls', '--label', 'name=box', '--quiet'], home)).stdout.trim();
    await call(['sessions', 'rm', 'box'], home);
    for (const args of [
      ['logs', 'box'],
      ['attach', 'box'],
      ['exec', 'box', '--', 'true'],
      ['usage', 'box'],
    ]) {
      const { code, stderr } = await call(args, home);
      expect(stderr).toContain(`Session ${id} (box) has ended.`);
      // Those that end with a command's code have one of their own for this.
      expect(code).toBe(args[0] === 'logs' || args[0] === 'usage' ? 1 : 125);
      expect(await call(advised(stderr), home)).toMatchObject({ code: 0 });
    }
    for (const args of [
      ['logs', id],
      ['exec', id, '--', 'true'],
    ]) {
      expect((await call(args, home)).stderr).toMatch(
        new RegExp(`Session ${id} has ended[.:] The session was ended on request`),
      );
    }
    expect((await call(['attach', id], home)).stderr).toContain(`Session ${id} (box) has ended.`);
    expect((await call(['jobs', 'box'], home)).stdout).toContain('echo said');
    expect((await call(['sessions', 'get', 'box', '--quiet'], home)).stdout).toBe(`${id}\n`);
  });

  it('that ran no command is not offered for one', async () => {
    const id = (await call(['sessions', 'create', '--quiet'], home)).stdout.trim();
    await call(['sessions', 'rm', id], home);
    const { stderr } = await call(['logs', id], home);
    expect(stderr).toContain(`Session ${id} has ended.`);
    expect(stderr).not.toContain('onmemos exec');
  });
});

describe('a name that a live session has', () => {
  it('is warned about before another session gets it, and then names neither', async () => {
    const create = (...args: string[]) => call(['sessions', 'create', '-q', '--ttl', '10m', ...args], home);
    await call(['workspaces', 'create', 'other'], home);
    const first = await create('--name', 'twin');
    expect(first.stderr).toBe('');
    const second = await create('--label', 'name=twin', '-w', 'other');
    const [one, two] = [first.stdout.trim(), second.stdout.trim()];
    expect(second.stderr).toMatch(new RegExp(`^onmemos: warning: ${one} has the name twin already: .*\\n$`));
    const ran = await call(['run', '-q', '--name', 'twin', '--', 'true'], home);
    expect(ran.stderr).toMatch(new RegExp(`warning: (${one}, ${two}|${two}, ${one}) have the name twin already`));
    const { code, stderr } = await call(['exec', 'twin', '--', 'true'], home);
    expect([code, stderr]).toEqual([125, expect.stringMatching(/^onmemos: 2 live sessions are named twin:\n/)]);
    expect(stderr).toContain(`  ${one} (twin) of ada, in ada/default, created `);
    expect(stderr).toContain(`  ${two} (twin) of ada, in ada/other, created `);
    await call(['rm', one, two], home);
    const again = await create('--name', 'twin');
    expect(again.stderr).toBe('');
    await call(['rm', 'twin'], home);
  });
});

describe('what people type for a session', () => {
  it('names a provider as its answer does, and any other is refused with those there are', async () => {
    for (const [typed, answered] of [
      ['local', 'local'],
      ['cloud-run', 'cloud_run'],
    ] as const) {
      const made = await call(['sessions', 'create', '--json', '--provider', typed], home);
      const { id, provider } = JSON.parse(made.stdout) as { id: string; provider: string };
      expect(provider).toBe(answered);
      await call(['rm', id], home);
    }
    const { code, stderr } = await call(['run', '--provider', 'k8s', '--', 'true'], home);
    expect([code, stderr]).toEqual([
      125,
      expect.stringMatching(/^onmemos: There is no provider k8s\.\nThis server has auto, /),
    ]);
    expect((await call(['ls', '-q'], home)).stdout).toBe('');
  });

  it('is none, for a limit of a user that is to be removed', async () => {
    const set = async (...args: string[]) =>
      JSON.parse((await call(['users', 'set', 'dora', '--json', ...args], home)).stdout) as Record<string, unknown>;
    const limits = await set('--sessions', '3', '--budget', '5');
    expect(limits).toMatchObject({ max_concurrent_sessions: 3, monthly_budget_usd: 5 });
    const { max_concurrent_sessions, monthly_budget_usd } = await set('--sessions', 'none', '--budget', 'none');
    expect(max_concurrent_sessions).toBeGreaterThan(3);
    expect(monthly_budget_usd).toBeNull();
    await call(['users', 'rm', 'dora'], home);
  });

  it('is refused where it is no time to live, and said where it is rounded up', async () => {
    const short = await call(['run', '--ttl', '5s', '--', 'true'], home);
    expect([short.code, short.stderr]).toEqual([125, expect.stringContaining('It is 1m at the least')]);
    const rounded = await call(['run', '-q', '--ttl', '61s', '--volume', '512Mi', '--', 'true'], home);
    expect([rounded.code, rounded.stderr.split('\n').slice(0, 2)]).toEqual([
      0,
      [
        'onmemos: 61s counts as 2m: a time to live is whole minutes.',
        'onmemos: 512Mi counts as 1Gi: storage is whole gigabytes.',
      ],
    ]);
  });
});

describe('a command that has ended', () => {
  it('is said to have ended by kill, which ends what it left, and by attach', async () => {
    const session = (await call(['sessions', 'create', '-q', '--ttl', '10m'], home)).stdout.trim();
    const started = async (line: string): Promise<string> => {
      const id = (await call(['exec', '-d', session, '--', line], home)).stdout.trim();
      await call(['wait', session, id], home);
      return id;
    };
    const [exited, killed] = [await started('exit 3'), await started('kill -9 $$')];
    for (const [id, how] of [
      [exited, 'exited with code 3'],
      [killed, 'was ended by KILL (code 137)'],
    ] as const) {
      for (const [flags, exit, then] of [
        [[], 0, 'Anything that it left running was sent KILL.'],
        [['-s', 'sigterm'], 0, 'Anything that it left running was sent TERM.'],
        [['-s', 'USR1'], 1, 'USR1 was not sent.'],
      ] as const) {
        const { code, stdout, stderr } = await call(['kill', ...flags, session, id], home);
        expect([code, stdout]).toEqual([exit, '']);
        expect(stderr).toMatch(`Command ${id} has ended already: it ${how}, `);
        expect(stderr).toMatch(then);
      }
      const attached = await call(['attach', session, id], home);
      expect(attached.stderr).toMatch(`onmemos: command ${id} has ended already: it ${how}, `);
    }
    expect((await call(['attach', session, exited], home)).code).toBe(3);
    const left = await started('sleep 7654 &');
    const sleeps = ['exec', session, '--', "ps -eo args= | grep -c '^sleep 7654' || true"];
    expect((await call(sleeps, home)).stdout).toBe('1\n');
    await call(['kill', session, left], home);
    expect((await call(sleeps, home)).stdout).toBe('0\n');
    const runs = (await call(['exec', '-d', session, '--', 'sleep 100'], home)).stdout.trim();
    expect(await call(['kill', session, runs], home)).toMatchObject({
      code: 0,
      stderr: `Command ${runs} is killed.\n`,
    });
    await call(['rm', session], home);
  });
});

describe('a sentence of the server', () => {
  it('names options, as the command line was typed', async () => {
    const first = async (...args: readonly string[]): Promise<string> =>
      (await call(args, home)).stderr.split('\n')[0] ?? '';
    expect(await first('run', '--ttl', '30d', '--', 'true')).toBe('onmemos: --ttl: must be no more than 24h');
    expect(await first('run', '--package', 'nope', '--', 'true')).toMatch(/^onmemos: --package: must be one of /);
    expect(await first('run', '--gpu', 't9', '--', 'true')).toMatch(/^onmemos: --gpu: must be one of /);
    expect(await first('users', 'set', 'bob', '--over-budget', 'no')).toMatch(
      /^onmemos: --over-budget: must be one of /,
    );
  });

  it('about the end of a session names no request', () => {
    for (const { advice } of Object.values(REASONS))
      expect(serverWords(advice)).not.toMatch(/PATCH|GET|\/v1|ttl_minutes/);
    expect(serverWords(REASONS.expired.advice)).toContain('`onmemos sessions set SESSION --ttl DURATION`');
  });
});
