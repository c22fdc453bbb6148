import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldsOf, ok, refused } from './support/api.ts';
import type { Exec, Executed, Job } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Sandbox, sandbox, shell } from './support/world.ts';

const MIB = 1024 * 1024;

/** Calls, and leaves once the command runs. @returns its record when it has ended, or what it is a while later */
const leaveExecute = async (box: Sandbox, mark: string, headers: Readonly<Record<string, string>>) => {
  const stop = new AbortController();
  // What has moved to a session of its own is the command, too.
  const command = `setsid sh -c 'trap "" HUP; while :; do touch ${mark}; sleep 0.1; done' & sleep 1000`;
  const call = box.api.raw('POST', `${box.at}/execute`, {
    headers,
    body: JSON.stringify({ command }),
    signal: stop.signal,
  });
  const cut = call.catch(() => 'cut');
  await shell(box.api, box.session, `while [ ! -e ${mark} ]; do sleep 0.05; done`);
  stop.abort();
  expect(await cut).toBe('cut');
  return command;
};

describe('a caller of execute that leaves', () => {
  let box: Sandbox;
  beforeAll(async () => {
    box = await sandbox(admin);
  });
  afterAll(() => box.remove());
  const recordOf = async (command: string) =>
    ok(await box.api.get<Exec[]>(`${box.at}/execs`)).find((exec) => exec.command === command);

  it('ends the command and all that it has started, where it has no key to come back with', async () => {
    const command = await leaveExecute(box, 'without-key', {});
    const record = await until('it has ended', async () => {
      const now = await recordOf(command);
      return now?.status === 'running' ? null : now;
    });
    expect(record).toMatchObject({ status: 'killed', signal: 'PIPE', signal_number: 13, exit_code: null });
    const look = 'while :; do rm -f without-key; sleep 0.5; [ -e without-key ] || break; done; echo gone';
    expect(await shell(box.api, box.session, look)).toBe('gone\n');
  });

  it('leaves the command running where it has one', async () => {
    const command = await leaveExecute(box, 'with-key', { 'Idempotency-Key': 'comes-back' });
    const look = 'rm -f with-key; while [ ! -e with-key ]; do sleep 0.05; done; echo runs';
    expect(await shell(box.api, box.session, look)).toBe('runs\n');
    const record = await recordOf(command);
    expect(record).toMatchObject({ status: 'running', signal: null });
    ok(await box.api.del(`${box.at}/execs/${record?.exec_id}`));
  });

  it('ends no command that runs in the background', async () => {
    const command = 'while [ ! -e seen ]; do sleep 0.05; done; echo seen';
    const { job_id } = ok(await box.api.post<Job>(`${box.at}/execute`, { command, async_execution: true }));
    await shell(box.api, box.session, 'touch seen');
    const ended = await until('the job ends', async () => {
      const now = ok(await box.api.get<Job>(`${box.at}/jobs/${job_id}/status`));
      return now.status === 'running' ? null : now;
    });
    expect(ended).toMatchObject({ status: 'completed', stdout: 'seen\n' });
  });
});

describe('execute', () => {
  let box: Sandbox;
  beforeAll(async () => {
    box = await sandbox(admin, { env: { FROM_SESSION: 'session', BOTH: 'session' } });
  });
  afterAll(() => box.remove());
  const execute = async (command: string, more: object = {}) =>
    ok(await box.api.post<Executed>(`${box.at}/execute`, { command, ...more }));

  it('runs by /bin/sh in the session’s folder', async () => {
    const { stdout } = await execute('echo "$0"; pwd; echo {a,b}');
    const [, folder, braces] = stdout.split('\n');
    expect(folder).toBe(box.session.details.workspace_path ?? '/workspace');
    expect(['{a,b}', 'a b']).toContain(braces);
  });

  it('gives the session’s env, and its own above it', async () => {
    const { stdout } = await execute('echo "$FROM_SESSION $BOTH $OWN"', { env: { BOTH: 'call', OWN: "it's $HOME" } });
    expect(stdout).toBe("session call it's $HOME\n");
  });

  it('does not give the server’s own environment', async () => {
    expect((await execute('env')).stdout).not.toMatch(/ONMEMOS_(API_KEY|DATA_DIR|PORT)|VITEST/);
  });

  it('runs in the folder asked for, and says when it is not there', async () => {
    expect((await execute('pwd', { cwd: '/usr' })).stdout).toBe('/usr\n');
    const problem = refused(await box.api.post(`${box.at}/execute`, { command: 'pwd', cwd: '/no/such' }), 'invalid');
    expect(fieldsOf(problem)).toEqual(['cwd']);
  });

  it('answers a time-out with what was printed', async () => {
    const result = await execute('echo before; echo trouble >&2; sleep 1000', { timeout: 1 });
    expect(result).toMatchObject({
      stdout: 'before\n',
      stderr: 'trouble\n',
      returncode: 124,
      success: false,
      timed_out: true,
      truncated: false,
    });
  });

  it('kills at a time-out what ignores TERM', async () => {
    const result = await execute("trap '' TERM; echo deaf; while :; do sleep 0.1; done", { timeout: 1 });
    expect(result).toMatchObject({ stdout: 'deaf\n', returncode: 124, timed_out: true });
  });

  it('gives 128 and the signal to what a signal ended', async () => {
    for (const [name, number] of Object.entries({ TERM: 15, KILL: 9, HUP: 1, SEGV: 11 })) {
      expect(await execute(`kill -${name} $$`), name).toMatchObject({ returncode: 128 + number, success: false });
    }
  });

  it('passes exit codes on', async () => {
    for (const code of [0, 1, 2, 42, 126, 127, 255]) expect((await execute(`exit ${code}`)).returncode).toBe(code);
    expect((await execute('no-such-program-here')).returncode).toBe(127);
  });

  it('gives U+FFFD for bad bytes, and the bytes too', async () => {
    const result = await execute("printf 'a\\377b'; printf 'ok\\303\\244' >&2");
    expect(result).toMatchObject({ stdout: 'a\u{FFFD}b', stderr: 'okä' });
    expect(Buffer.from(result.stdout_base64 ?? '', 'base64')).toEqual(Buffer.from([0x61, 0xff, 0x62]));
    expect(result).not.toHaveProperty('stderr_base64');
  });

  it('does not take a character that was cut by a pipe for a bad one', async () => {
    const result = await execute("printf '\\303'; sleep 0.3; printf '\\244'");
    expect(result.stdout).toBe('ä');
    expect(result).not.toHaveProperty('stdout_base64');
  });

  it('answers 8 MiB of each stream at the most and keeps the rest', async () => {
    const size = 9 * MIB;
    const result = await execute(`head -c ${size} /dev/zero | tr '\\0' x; echo end >&2`);
    expect(result.stdout.length).toBe(8 * MIB);
    expect(result).toMatchObject({ truncated: true, stderr: 'end\n', returncode: 0 });
    const whole = await box.api.raw('GET', `${box.at}/execs/${result.exec_id}/output`, {
      headers: { Accept: 'text/plain' },
    });
    expect((await whole.arrayBuffer()).byteLength).toBe(size + 4);
  });

  it('has no stdin', async () => {
    expect((await execute('cat; echo end')).stdout).toBe('end\n');
  });

  it('ends though a child goes on in the background', async () => {
    expect((await execute('(sleep 300; echo late) & echo now')).stdout).toBe('now\n');
  });

  it('runs many at once, each with its own answer', async () => {
    const results = await Promise.all(Array.from({ length: 30 }, (_, i) => execute(`sleep 0.2; echo ${i}`)));
    expect(results.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 30 }, (_, i) => `${i}\n`));
    expect(new Set(results.map(({ exec_id }) => exec_id)).size).toBe(30);
  });

  it('takes a command of 128 KiB and says when one is too long', async () => {
    const room = 131_072 - 'printf %s  | wc -c'.length;
    expect((await execute(`printf %s ${'x'.repeat(100_000)} | wc -c`)).stdout.trim()).toBe('100000');
    const problem = refused(
      await box.api.post(`${box.at}/execute`, { command: `printf ${'x'.repeat(room + 100)}` }),
      'invalid',
    );
    expect(fieldsOf(problem)).toEqual(['command']);
    refused(await box.api.post(`${box.at}/execute`, { command: 'a\0b' }), 'invalid');
    refused(await box.api.post(`${box.at}/execute`, { command: '' }), 'invalid');
  });

  it('keeps what commands leave in the folder', async () => {
    await shell(box.api, box.session, 'echo "päth with spaces" > "a b ü"');
    expect(await shell(box.api, box.session, 'cat "a b ü"; ls')).toContain('päth with spaces');
  });
});

describe('jobs', () => {
  let box: Sandbox;
  beforeAll(async () => {
    box = await sandbox(admin);
  });
  afterAll(() => box.remove());
  const start = async (command: string, more: object = {}) =>
    ok(await box.api.post<Job>(`${box.at}/execute`, { command, async_execution: true, ...more }));
  const status = async (job: Job) => ok(await box.api.get<Job>(`${box.at}/jobs/${job.job_id}/status`));
  const ended = (job: Job) =>
    until('the job ends', async () => {
      const now = await status(job);
      return now.status === 'running' ? null : now;
    });

  it('answer at once and go on', async () => {
    const job = await start('echo first; while [ ! -e go ]; do sleep 0.05; done; echo last');
    expect((await status(job)).status).toBe('running');
    expect(await shell(box.api, box.session, 'echo beside')).toBe('beside\n');
    await shell(box.api, box.session, 'touch go');
    expect(await ended(job)).toMatchObject({ status: 'completed', stdout: 'first\nlast\n', returncode: 0 });
  });

  it('fail with any other exit code than 0, by a signal and by a time-out', async () => {
    expect(await ended(await start('echo no; exit 9'))).toMatchObject({
      status: 'failed',
      returncode: 9,
      success: false,
      stdout: 'no\n',
    });
    expect(await ended(await start('kill -KILL $$'))).toMatchObject({ status: 'failed', returncode: 137 });
    expect(await ended(await start('sleep 100', { timeout: 1 }))).toMatchObject({
      status: 'failed',
      returncode: 124,
      timed_out: true,
    });
  });

  it('are execs seen by their old route', async () => {
    const job = await start('echo job');
    await ended(job);
    expect(ok(await box.api.get(`${box.at}/execs/${job.job_id}`))).toMatchObject({ exec_id: job.job_id, exit_code: 0 });
    const { exec_id } = ok(await box.api.post<Executed>(`${box.at}/execs`, { command: 'echo exec' }));
    expect(await ended({ job_id: exec_id, status: '' })).toMatchObject({ stdout: 'exec\n', status: 'completed' });
  });
});
