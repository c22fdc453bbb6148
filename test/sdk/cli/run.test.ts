import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NODE, type RunningServer } from '../../acceptance/support/server.ts';
import { startProgram } from '../../support/program.ts';
import { CLI, call, type Home, launch } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';
import { eventually } from './support/tidy.ts';

let server: RunningServer;
let home: Home;

beforeAll(async () => {
  ({ server, home } = await openServed());
});
afterAll(() => closeServed({ server, home }));

const live = async (): Promise<string[]> =>
  (await call(['sessions', 'ls', '--quiet'], home)).stdout.split('\n').filter((line) => line !== '');
const run = (args: readonly string[], input?: string | Uint8Array) =>
  call(['run', ...args], { ...home, ...(input === undefined ? {} : { input }) });

describe('onmemos run', () => {
  afterEach(async () => {
    expect(await live()).toEqual([]);
  });

  it('gives each stream its own way, and ends with the code of the command', async () => {
    const { code, stdout, stderr } = await run(['--', 'echo out; echo err >&2; exit 42']);
    expect(stdout).toBe('out\n');
    expect(stderr).toMatch(/^err\nonmemos: session ses-[0-9a-z]{26}, [\dms.]+, \$0\.00\n$/);
    expect(code).toBe(42);
  });

  it('hands arguments over as they are, and variables and the folder with them', async () => {
    const script = 'printf "%s|" "$@"; echo "$GREETING|$FROM_HERE|$PWD"';
    const words = ['sh', '-c', script, 'sh', 'two words', '$HOME', '--json', ''];
    const env = { ...home.env, FROM_HERE: 'taken' };
    const args = ['run', '-q', '-e', 'GREETING=a=b c', '-e', 'FROM_HERE', '--cwd', '/tmp', ...words];
    const { stdout, stderr, code } = await call(args, { env });
    expect(stdout).toBe('two words|$HOME|--json||a=b c|taken|/tmp\n');
    expect([stderr, code]).toEqual(['', 0]);
  });

  it('pipes every byte through, both ways', async () => {
    const bytes = randomBytes(3 * 1024 * 1024 + 17);
    const child = spawn(NODE, [CLI, 'run', '-q', '--', 'cat'], { env: home.env, stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdin.end(bytes);
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('does not mind a command that reads nothing of what is piped', async () => {
    const { code, stdout } = await run(['-q', '--', 'echo done'], randomBytes(1024 * 1024));
    expect([code, stdout]).toEqual([0, 'done\n']);
  });

  it('knows ends by signal, by timeout, and of what can not be started', async () => {
    expect((await run(['-q', '--', 'kill -USR1 $$'])).code).toBe(128 + 10);
    const late = await run(['-q', '--timeout', '1s', '--', 'echo before; sleep 1000']);
    expect([late.code, late.stdout]).toEqual([124, 'before\n']);
    expect(late.stderr).toContain('ended at its timeout');
    const missing = await run(['-q', '--', 'no-such-program', 'x']);
    expect(missing.code).toBe(127);
    expect(missing.stderr).toContain('no-such-program');
    expect((await run(['-q', '--', '/etc/passwd', 'x'])).code).toBe(126);
  });

  it('passes Ctrl-C on, and ends the session at a second one or at TERM', async () => {
    const listens = launch(
      ['run', '-q', '--', "trap 'echo bye; exit 5' INT; echo ready; while :; do sleep 0.1; done"],
      home,
    );
    await eventually(listens.stdout, (text) => text.includes('ready'), 'ready');
    listens.child.kill('SIGINT');
    expect(await listens.ended).toMatchObject({ code: 5, stdout: 'ready\nbye\n' });

    const deaf = launch(['run', '-q', '--', "trap '' TERM INT; echo ready; while :; do sleep 0.1; done"], home);
    await eventually(deaf.stdout, (text) => text.includes('ready'), 'ready');
    deaf.child.kill('SIGINT');
    await pause(500);
    deaf.child.kill('SIGINT');
    expect((await deaf.ended).code).toBe(130);

    const told = launch(['run', '-q', '--', 'echo ready; sleep 1000'], home);
    await eventually(told.stdout, (text) => text.includes('ready'), 'ready');
    told.child.kill('SIGTERM');
    expect((await told.ended).code).toBe(143);
  });

  it('ends the session when nobody reads its output any more', async () => {
    const shell = `'${NODE}' '${CLI}' run -q -- 'while :; do echo line; done' | head -n 2`;
    const piped = startProgram('bash', ['-c', `${shell}; echo "\${PIPESTATUS[0]}"`], home);
    expect((await piped.ended).stdout).toBe('line\nline\n141\n');
  });

  it('ends what it was about to make when it is interrupted before', async () => {
    const early = launch(['run', '-q', '--', 'sleep 1000'], home);
    await eventually(live, (ids) => ids.length > 0 || early.child.exitCode !== null, 'a session');
    early.child.kill('SIGINT');
    early.child.kill('SIGTERM');
    expect((await early.ended).code).toBeGreaterThanOrEqual(128);
  });
});

describe('a session that lives on', () => {
  it('is left by --keep, taken up by the beginning of its id, and ended', async () => {
    const kept = await run(['--keep', '--ttl', '10m', '--name', 'kept', '--', 'echo kept > note']);
    expect(kept.stderr).toMatch(/is kept until/);
    const [id = ''] = await live();
    const exec = (args: readonly string[], input?: string) =>
      call(['exec', id.slice(4, 20), ...args], { ...home, ...(input === undefined ? {} : { input }) });
    expect((await exec(['--', 'cat', 'note'])).stdout).toBe('kept\n');
    expect((await exec(['--', 'wc -c'], 'four')).stdout.trim()).toBe('4');
    expect((await exec(['--', 'exit 6'])).code).toBe(6);

    const detached = await exec(['-d', '--', 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done; exit 3']);
    const exec_id = detached.stdout.trim();
    expect(exec_id).toMatch(/^exe-/);
    const followed = await call(['logs', '-f', id], home);
    expect(followed).toMatchObject({ code: 0, stdout: '1\n2\n3\n4\n5\n6\n' });
    expect((await call(['logs', id, exec_id.slice(0, 12)], home)).stdout).toBe('1\n2\n3\n4\n5\n6\n');
    expect((await call(['attach', '--replay', id, exec_id], home)).code).toBe(3);

    const sleeper = (await exec(['-d', '--', 'echo on; sleep 1000'])).stdout.trim();
    const now = await eventually(
      () => call(['logs', id, sleeper], home),
      ({ stdout }) => stdout !== '',
      'output',
    );
    expect(now.stdout).toBe('on\n');
    expect((await call(['kill', id, sleeper, '--signal', 'sigterm'], home)).code).toBe(0);
    expect((await call(['logs', '-f', id, sleeper], home)).code).toBe(0);
    const jobs = JSON.parse((await call(['jobs', id, '--json'], home)).stdout) as {
      exec_id: string;
      signal: string | null;
    }[];
    expect(jobs.find((job) => job.exec_id === sleeper)?.signal).toBe('TERM');

    const gone = await call(['sessions', 'rm', id], home);
    expect(gone.stderr).toBe(`Session ${id} has ended.\n`);
    const after = await exec(['--', 'true']);
    expect(after.code).toBe(125);
    expect(after.stderr).toContain(`onmemos events ${id}`);
  });
});
