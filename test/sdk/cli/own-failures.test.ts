import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../acceptance/support/server.ts';
import { call, type Home } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';
import { cliTerminal } from './support/terminal.ts';

let server: RunningServer;
let home: Home;
let session: string;

beforeAll(async () => {
  ({ server, home } = await openServed());
  session = (await call(['sessions', 'create', '--quiet', '--ttl', '30m'], home)).stdout.trim();
});
afterAll(() => closeServed({ server, home }));

const NOBODY = 'ses-01kbp2v4w8k3e5z7c9m1q3s5t7';
const noServer = () => ({ env: { ...home.env, ONMEMOS_BASE_URL: 'http://127.0.0.1:1' } });
const wrongKey = () => ({ env: { ...home.env, ONMEMOS_API_KEY: 'omk_wrong' } });

/** Ways in which the program itself fails: the code that other commands give it, and what `exec` is given. */
const FAILURES: readonly {
  readonly what: string;
  readonly args: () => readonly string[];
  readonly options?: () => Pick<Home, 'env'>;
}[] = [
  { what: 'no such session', args: () => ['exec', NOBODY, '--', 'true'] },
  { what: 'no session of this name', args: () => ['exec', 'nobody', '--', 'true'] },
  { what: 'no server', args: () => ['exec', session, '--', 'true'], options: noServer },
  { what: 'a wrong key', args: () => ['exec', session, '--', 'true'], options: wrongKey },
  { what: 'no command', args: () => ['exec', session, '--', ''] },
  { what: 'an unknown option', args: () => ['exec', '--nosuch', session, '--', 'true'] },
  { what: 'a missing argument', args: () => ['exec'] },
  { what: 'run, no such package', args: () => ['run', '--package', 'nosuch', '--', 'true'] },
  { what: 'run, no server', args: () => ['run', '--', 'true'], options: noServer },
  { what: 'attach, no such command', args: () => ['attach', session, 'nosuch'] },
  { what: 'shell, no terminal', args: () => ['shell', session] },
];

describe("the program's own failures", () => {
  it.each(FAILURES)('end with 125 and a line of its own: $what', async ({ args, options }) => {
    const { code, stdout, stderr } = await call(args(), options?.() ?? home);
    expect(stderr).toMatch(/^onmemos: \S/m);
    expect([code, stdout]).toEqual([125, '']);
  });

  it('are a field under --json, with the sentence, what to do and the code', async () => {
    const { code, stdout, stderr } = await call(['exec', '--json', NOBODY, '--', 'true'], home);
    expect(code).toBe(125);
    const { error } = JSON.parse(stdout) as { error: Readonly<Record<string, unknown>> };
    expect(error).toMatchObject({ code: 'not_found', exit_code: 125, hint: expect.any(String) });
    expect(stderr).toContain(`onmemos: ${error['message']}`);
  });

  it.each([
    [['sessions', 'get', NOBODY, '--json'], 3, 'not_found'],
    [['sessions', 'get', '--json', '--nosuch', NOBODY], 2, 'usage'],
    [['exec', '--json', '--nosuch', NOBODY, '--', 'true'], 125, 'usage'],
    [['jobs', 'nobody', '--json'], 3, 'not_found'],
  ] as const)('of %j are a field too', async (args, code, kind) => {
    const outcome = await call(args, home);
    expect(outcome.code).toBe(code);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ error: { code: kind, exit_code: code } });
    expect(outcome.stderr).toMatch(/^onmemos: \S/m);
  });

  it('are none where an argument of the command is --json', async () => {
    const { stdout } = await call(['exec', NOBODY, '--', 'ls', '--json'], home);
    expect(stdout).toBe('');
  });
});

describe('the code of a command', () => {
  it.each([0, 1, 2, 3, 4, 5, 124, 125, 126, 127, 200, 255])('is its own: %i', async (code) => {
    const outcome = await call(['exec', session, '--', `exit ${code}`], home);
    expect(outcome).toMatchObject({ code, stdout: '', stderr: '' });
  });

  it('is 127 for a program that is not there, and 126 for one that is none, also on a terminal', async () => {
    const codes: unknown[] = [];
    for (const word of ['no-such-program', '/etc/passwd', '/etc']) {
      codes.push((await call(['exec', session, '--', word, 'x'], home)).code);
      const screen = cliTerminal(['exec', '-t', session, '--', word, 'x'], { env: home.env, cols: 80, rows: 24 });
      codes.push((await screen.ended).code);
    }
    expect(codes).toEqual([127, 127, 126, 126, 126, 126]);
    const recorded = JSON.parse((await call(['jobs', session, '--json'], home)).stdout) as {
      readonly exit_code: number;
    }[];
    expect(recorded.slice(-6).map(({ exit_code }) => exit_code)).toEqual(codes);
  });

  it('is 126 where its folder can not be entered, also in the list of the commands and under --json', async () => {
    const args = ['exec', '--cwd', '/no/such', session];
    const { code, stdout, stderr } = await call([...args, '--', 'true'], home);
    expect([code, stdout]).toEqual([126, '']);
    expect(stderr).toMatch(/^onmemos: --cwd: the folder \/no\/such can’t be entered/);
    const answer = await call([...args, '--json', '--', 'true'], home);
    expect(answer.code).toBe(126);
    expect(JSON.parse(answer.stdout)).toMatchObject({ error: { exit_code: 126 } });
    const recorded = JSON.parse((await call(['jobs', session, '--json'], home)).stdout) as {
      readonly exit_code: number;
    }[];
    expect(recorded.slice(-2).map(({ exit_code }) => exit_code)).toEqual([126, 126]);
  });

  it('is the same in the list of the commands', async () => {
    const commands = ['exit 7', 'kill -KILL $$', 'kill -34 $$', 'kill -PIPE $$', 'sleep 100'];
    const codes: number[] = [];
    for (const command of commands) {
      codes.push((await call(['exec', '--timeout', '2s', session, '--', command], home)).code ?? -1);
    }
    expect(codes).toEqual([7, 137, 162, 141, 124]);
    const { stdout } = await call(['jobs', session], home);
    const listed = commands.map((command) => {
      const line = stdout.split('\n').find((text) => text.endsWith(`  ${command}`)) ?? '';
      return Number(/\b(?:exited|killed|timed_out)\s+(\d+)\b/.exec(line)?.[1]);
    });
    expect(listed).toEqual(codes);
  });

  it('is in the answer of --json, with the output', async () => {
    const command = 'echo out; echo err >&2; printf "\\377"; exit 3';
    const { code, stdout, stderr } = await call(['exec', '--json', session, '--', command], home);
    expect([code, stderr]).toEqual([3, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'exited',
      exit_code: 3,
      returncode: 3,
      stdout: 'out\n\uFFFD',
      stdout_base64: Buffer.from('out\n\xff', 'latin1').toString('base64'),
      stderr: 'err\n',
      truncated: false,
    });
  });
});
