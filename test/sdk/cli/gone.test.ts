import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE, type RunningServer } from '../../acceptance/support/server.ts';
import { until } from '../../acceptance/support/until.ts';
import { startProgram } from '../../support/program.ts';
import { NO_FAULTS } from '../faults/plan.ts';
import { startFaultProxy } from '../faults/proxy.ts';
import { CLI, call, type Home, launch } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';
import { eventually } from './support/tidy.ts';

let server: RunningServer;
let home: Home;
let session: string;

beforeAll(async () => {
  ({ server, home } = await openServed());
  session = (await call(['sessions', 'create', '--quiet', '--ttl', '30m'], home)).stdout.trim();
});
afterAll(() => closeServed({ server, home }));

interface Job {
  readonly exec_id: string;
  readonly status: string;
  readonly signal: string | null;
  readonly command: string | null;
}
const jobs = async (): Promise<readonly Job[]> => JSON.parse((await call(['jobs', session, '--json'], home)).stdout);
const jobOf = async (command: string): Promise<Job | undefined> =>
  (await jobs()).find((job) => job.command === command);
const endOf = (command: string): Promise<Job> =>
  until('the command has ended', async () => {
    const job = await jobOf(command);
    return job && job.status !== 'running' ? job : null;
  });
const exec = (command: string) => launch(['exec', session, '--', command], home);

describe('a caller that is gone', () => {
  it('ends the command when the reader of its output leaves', async () => {
    const shell = `'${NODE}' '${CLI}' exec ${session} -- yes | head -n 2`;
    const piped = startProgram('bash', ['-c', `${shell}; echo "\${PIPESTATUS[0]}"`], home);
    expect((await piped.ended).stdout).toBe('y\ny\n141\n');
    expect((await endOf('yes')).signal).toBe('PIPE');
  });

  it('ends a quiet command too', async () => {
    const command = 'echo one; sleep 1000';
    const shell = `'${NODE}' '${CLI}' exec ${session} -- '${command}' | head -n 1`;
    const piped = startProgram('bash', ['-c', `${shell}; echo "\${PIPESTATUS[0]}"`], home);
    expect((await piped.ended).stdout).toBe('one\n141\n');
    expect((await endOf(command)).signal).toBe('PIPE');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends the command when it is told to end: %s', async (signal, code) => {
    const command = `echo ready; sleep 100${code}`;
    const running = exec(command);
    await eventually(running.stdout, (text) => text.includes('ready'), 'ready');
    running.child.kill(signal);
    expect((await running.ended).code).toBe(code);
    expect((await endOf(command)).signal).toBe('PIPE');
  });

  it('gives the first Ctrl-C to the command; the second one ends a command that minds neither INT nor PIPE', async () => {
    const command = "trap 'echo no' INT; trap '' PIPE; echo ready; while :; do sleep 0.1; done";
    const running = exec(command);
    await eventually(running.stdout, (text) => text.includes('ready'), 'ready');
    running.child.kill('SIGINT');
    await eventually(running.stdout, (text) => text.includes('no'), 'the answer to INT');
    await pause(150);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect((await endOf(command)).signal).toBe('TERM');
  });

  it('ends a command whose start it did not see answered', async () => {
    const command = 'sleep 1005';
    const running = exec(command);
    await until('it has started', async () => ((await jobOf(command)) ? true : null));
    running.child.kill('SIGTERM');
    await running.ended;
    expect((await endOf(command)).status).toBe('killed');
  });

  it('leaves a command alone that it has only watched, or has started in the background', async () => {
    const command = 'echo on; exec sleep 1006';
    const exec_id = (await call(['exec', '-d', session, '--', command], home)).stdout.trim();
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      const watching = launch(['attach', '--replay', session, exec_id], home);
      await eventually(watching.stdout, (text) => text.includes('on'), 'its output');
      watching.child.kill(signal);
      expect((await watching.ended).code).toBeGreaterThan(128);
    }
    const watching = launch(['attach', '--replay', '--no-input', session, exec_id], home);
    await eventually(watching.stdout, (text) => text.includes('on'), 'its output');
    watching.child.kill('SIGINT');
    expect((await watching.ended).code).toBe(130);
    await call(['logs', session, exec_id], home);
    await pause(3_000);
    expect((await jobOf(command))?.status).toBe('running');
    await call(['kill', session, exec_id], home);
  });
});

describe('what was made', () => {
  const unread = async (args: string): Promise<string> => {
    const line = `'${NODE}' '${CLI}' ${args} | true; echo "\${PIPESTATUS[0]}"`;
    return (await startProgram('bash', ['-c', line], home).ended).stdout.trim();
  };
  const others = async (): Promise<readonly string[]> =>
    (await call(['ls', '-q'], home)).stdout.split('\n').filter((id) => id !== '' && id !== session);
  const keys = async (): Promise<readonly string[]> =>
    (await call(['keys', 'ls', '--format', '{name}'], home)).stdout.split('\n');

  it.each(['sessions create', 'sessions create -q', 'sessions create --json', 'run -d -- sleep 1008'])(
    'is ended when its id could not be printed: %s',
    async (args) => {
      expect(await unread(args)).toBe('141');
      expect(await others()).toEqual([]);
    },
  );

  it.each(['', '--json'])('in the background is ended when its id could not be printed: %s', async (form) => {
    const command = `sleep 1009${form.length}`;
    expect(await unread(`exec -d ${form} ${session} -- '${command}'`)).toBe('141');
    expect((await endOf(command)).signal).toBe('PIPE');
  });

  it.each(['', '-q', '--json'])('is revoked when its secret could not be printed: %s', async (form) => {
    const name = `unread${form}`;
    expect(await unread(`keys create ${form} ${name}`)).toBe('141');
    await call(['keys', 'create', `read${form}`], home);
    const names = await keys();
    expect([names.includes(name), names.includes(`read${form}`)]).toEqual([false, true]);
  });

  it.each(['-q', '--json'])('is deleted when its name could not be printed: %s', async (form) => {
    expect(await unread(`workspaces create ${form} unread${form}`)).toBe('141');
    await call(['workspaces', 'create', `read${form}`], home);
    const names = (await call(['workspaces', 'ls', '-q'], home)).stdout;
    expect([names.includes(`unread${form}`), names.includes(`read${form}`)]).toEqual([false, true]);
  });

  it('is ended when the format of its answer is wrong', async () => {
    const { code, stderr } = await call(['sessions', 'create', '--format', '{nope}'], home);
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no field {nope}')]);
    expect(await others()).toEqual([]);
  });
});

describe('output that can not be written', () => {
  const full = (args: string) => startProgram('bash', ['-c', `'${NODE}' '${CLI}' ${args} > /dev/full`], home).ended;

  it.each([
    ['exec S -- seq 100000', 125],
    ['exec S -- echo one', 125],
    ['run -q -- seq 10', 125],
    ['logs S', 1],
    ['sessions ls --json', 1],
    ['cp S:/usr/bin/env -', 1],
    ['sessions create -q', 1],
    ['run -d -- sleep 1010', 125],
    ['keys create lost', 1],
    ['workspaces create -q lost', 1],
    ['exec -d S -- "sleep 1011"', 125],
  ] as const)('is a failure that is said, and leaves nothing: %s', async (args, expected) => {
    const { code, stderr } = await full(args.replace(/\bS\b/, session));
    expect([code, stderr]).toEqual([
      expected,
      expect.stringContaining('onmemos: The output could not be written: there is no space left.'),
    ]);
    expect((await call(['ls', '-q'], home)).stdout).toBe(`${session}\n`);
    expect((await call(['keys', 'ls', '--format', '{name}'], home)).stdout).not.toContain('lost');
    expect((await call(['workspaces', 'ls', '-q'], home)).stdout).not.toContain('lost');
    await until('no command runs', async () => (await jobs()).every(({ status }) => status !== 'running'));
  });
});

describe('stdin', () => {
  const inShell = (line: string) =>
    startProgram('bash', ['-c', line], { env: { ...home.env, OMS: `${NODE} ${CLI}`, S: session } }).ended;

  it('is left to a loop by --no-input', async () => {
    const line = `printf 'a\\nb\\nc\\n' | while read x; do $OMS exec $S --no-input -- echo got $x; done`;
    expect((await inShell(line)).stdout).toBe('got a\ngot b\ngot c\n');
  });

  it('is empty for a command of run --no-input', async () => {
    expect((await inShell("echo piped | $OMS run -q --no-input -- 'wc -c'")).stdout.trim()).toBe('0');
  });

  it('of a command in the background is open for attach with -i only', async () => {
    const open = (await call(['exec', '-d', '-i', session, '--', 'cat; echo end'], home)).stdout.trim();
    const attached = await call(['attach', '--replay', session, open], { ...home, input: 'typed\n' });
    expect(attached).toMatchObject({ code: 0, stdout: 'typed\nend\n' });
    const closed = (await call(['exec', '-d', session, '--', 'cat; echo end'], home)).stdout.trim();
    expect((await call(['attach', '--replay', session, closed], { ...home, input: 'typed\n' })).stdout).toBe('end\n');
  });
});

describe('a server that stays away', () => {
  it('is waited for as long as the setting says; then the message names the command to go on with', async () => {
    const proxy = await startFaultProxy(server.url, NO_FAULTS);
    const env = { ...home.env, ONMEMOS_BASE_URL: proxy.url, ONMEMOS_RECONNECT_SECONDS: '1' };
    const running = launch(['exec', '--no-input', session, '--', 'echo on; exec sleep 1007'], { env });
    await eventually(running.stdout, (text) => text.includes('on'), 'its output');
    const [exec_id] = (await jobs()).filter(({ command }) => command?.includes('1007')).map((job) => job.exec_id);
    await proxy.stop();
    const { code, stderr } = await running.ended;
    expect(code).toBe(125);
    expect(stderr).toContain(`go on with \`onmemos logs -f ${session} ${exec_id}\``);
    // A connection that merely breaks says nothing of its caller.
    expect((await jobOf('echo on; exec sleep 1007'))?.status).toBe('running');
    await call(['kill', session, exec_id ?? ''], home);
  });

  it('refuses a setting that is no number', async () => {
    const env = { ...home.env, ONMEMOS_RECONNECT_SECONDS: 'soon' };
    const { code, stderr } = await call(['exec', session, '--', 'true'], { env });
    expect(code).toBe(125);
    expect(stderr).toContain('ONMEMOS_RECONNECT_SECONDS is a number of seconds');
  });
});
