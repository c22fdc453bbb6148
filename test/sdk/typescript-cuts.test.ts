import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnMemOSClient, OutputGap, type Process, type Session, SessionLeft } from '../../sdk/typescript/src/index.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { until } from '../acceptance/support/until.ts';
import { cutPlan, NO_FAULTS, type Plan } from './faults/plan.ts';
import { startFaultProxy } from './faults/proxy.ts';
import { seedOfRun } from './faults/random.ts';

let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => stopServer(server));

const clientOf = (baseUrl = server.url, reconnectSeconds = 60): OnMemOSClient =>
  new OnMemOSClient({ baseUrl, apiKey: server.key, reconnectSeconds });
const bytesOf = async (process: Process): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const { data } of process) parts.push(data);
  return Buffer.concat(parts);
};
/** Lines that a command of the session has written to a file so far. */
const lines = async (session: Session, file: string): Promise<string[]> =>
  (await session.run(`cat ${file} 2>/dev/null || true`)).stdout.split('\n').filter((line) => line !== '');

describe('an attached command', () => {
  it('takes and gives each byte once, however often its connection is cut', async () => {
    const seed = seedOfRun();
    const CUTS = 12;
    const sent = randomBytes(3_000_000);
    const plan = cutPlan({ seed, route: /\/attach\b/, cuts: CUTS, within: sent.length * 0.9 });
    const proxy = await startFaultProxy(server.url, plan);
    try {
      await using session = await clientOf(proxy.url).session({ user: 'cuts', ttl_minutes: 10 });
      const echo = await session.start('cat', { stdin: true });
      const writing = async (): Promise<void> => {
        for (let at = 0; at < sent.length; at += 50_000) await echo.write(sent.subarray(at, at + 50_000));
        await echo.closeStdin();
      };
      const [got] = await Promise.all([bytesOf(echo), writing()]);
      expect([seed, got.length, got.equals(sent)]).toEqual([seed, sent.length, true]);
      expect(echo.returncode).toBe(0);
      expect(proxy.tally.faults.all).toBe(CUTS);
    } finally {
      await proxy.stop();
    }
  });

  it('ends the waiting for input that it does not read when that is aborted', async () => {
    await using session = await clientOf().session({ user: 'cuts', ttl_minutes: 10 });
    const deaf = await session.start('sleep 300', { stdin: true });
    const reading = bytesOf(deaf);
    const stop = new AbortController();
    const writes = [
      deaf.write(new Uint8Array(5_000_000), { signal: stop.signal }),
      deaf.write('x', { signal: stop.signal }),
    ];
    const left = Promise.all(writes.map((write) => expect(write).rejects.toThrow('enough')));
    await until('stdin was taken', async () => (await session.process(deaf.exec_id)).exec.stdin_offset > 0);
    stop.abort(new Error('enough'));
    await left;
    await deaf.kill();
    await reading;
  });

  it('takes input from two objects of one command in the order in which it was written', async () => {
    await using session = await clientOf().session({ user: 'cuts', ttl_minutes: 10 });
    const first = await session.start('cat', { stdin: true });
    await first.write('by a call, ');
    const second = first.reattach(0);
    let text = '';
    for await (const { data } of second) {
      if (text === '') {
        await second.write('by the socket, ');
        await first.write('by a call again');
        await first.closeStdin();
        await second.closeStdin();
      }
      text += Buffer.from(data).toString();
    }
    expect(text).toBe('by a call, by the socket, by a call again');
  });

  it('is left where its reader leaves it, and goes on', async () => {
    await using session = await clientOf().session({ user: 'cuts', ttl_minutes: 10 });
    const process = await session.start('echo one; read -r line; echo "$line"', { stdin: true });
    for await (const chunk of process) {
      expect(Buffer.from(chunk.data).toString()).toBe('one\n');
      break;
    }
    await process.write('two\n');
    expect((await bytesOf(process)).toString()).toBe('two\n');
    expect(await process.wait()).toBe(0);
    await expect(process.write('three\n')).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('output', () => {
  it('that was dropped before it was read is a gap, behind which reading goes on', async () => {
    await using session = await clientOf().session({ user: 'cuts', ttl_minutes: 10 });
    for (const stdin of [false, true]) {
      const process = await session.start('yes 0123456789abcde | head -c 4000000', { log_limit_mb: 1, stdin });
      await process.wait();
      const gap = await bytesOf(process).catch((error: unknown) => error);
      if (!(gap instanceof OutputGap)) throw new Error(`no gap, but ${String(gap)}`);
      expect(gap.from).toBe(0);
      expect((await bytesOf(process.reattach(gap.to))).length).toBe(4_000_000 - gap.to);
    }
    const log = clientOf().execs.log(session.id, (await session.start('true')).exec_id, { from: 0 });
    expect((await log.next()).done).toBe(true);
  });

  it('stops being read when its signal says so', async () => {
    await using session = await clientOf().session({ user: 'cuts', ttl_minutes: 10 });
    for (const stdin of [false, true]) {
      const process = await session.start('echo first; sleep 600', { stdin });
      const stop = new AbortController();
      const read = async (): Promise<void> => {
        for await (const _ of process.output({ signal: stop.signal })) stop.abort(new Error('enough'));
      };
      await expect(read()).rejects.toThrow('enough');
      await process.kill();
      expect(await process.wait()).toBeGreaterThan(128);
    }
  });
});

describe('a shell', () => {
  it('has a terminal with a size, and commands beside it', async () => {
    await using session = await clientOf().session({ user: 'cuts', ttl_minutes: 10 });
    const shell = await session.shell();
    shell.resize(90, 20);
    shell.write('stty size; echo ro""om\n');
    const results = [shell.command('echo one'), shell.command('exit 3')];
    let printed = '';
    for await (const text of shell) {
      printed += text;
      if (printed.includes('room')) break;
    }
    expect(printed).toMatch(/20 90\r\nroom/);
    expect(await Promise.all(results)).toEqual([
      { stdout: 'one\n', stderr: '', returncode: 0, success: true },
      { stdout: '', stderr: '', returncode: 3, success: false },
    ]);
    shell.close();
    for await (const text of shell) printed += text;
    await expect(shell.command('echo two')).rejects.toMatchObject({ code: 'connection_failed' });
  });

  it('that is cut off says so to all who wait', async () => {
    const proxy = await startFaultProxy(server.url, NO_FAULTS);
    const session = await clientOf(proxy.url).session({ user: 'cuts', ttl_minutes: 10 });
    const shell = await session.shell();
    const waiting = [shell.command('sleep 600'), shell[Symbol.asyncIterator]().next()];
    const told = Promise.all(waiting.map((each) => expect(each).rejects.toMatchObject({ code: 'connection_failed' })));
    await proxy.stop();
    await told;
    await clientOf().sessions.forceDelete(session.id);
  });

  it('is refused where there is no session, or none that runs', async () => {
    const client = clientOf();
    const session = await client.session({ user: 'cuts', ttl_minutes: 10 });
    await session.delete();
    await expect(session.shell()).rejects.toMatchObject({ code: 'session_not_running' });
    const process = session.start('true');
    await expect(process).rejects.toMatchObject({ code: 'session_not_running' });
  });
});

describe('a session', () => {
  it('whose create is given up does not stay', async () => {
    const client = clientOf();
    const stop = new AbortController();
    // The answer is on its way for longer than the caller waits for it.
    const slow: Plan = { next: () => ({ kind: 'delay', beforeMs: 0, afterMs: 3_000 }) };
    const proxy = await startFaultProxy(server.url, slow);
    const create = clientOf(proxy.url).sessions.create({ user: 'given-up', ttl_minutes: 10 }, { signal: stop.signal });
    const failed = expect(create).rejects.toThrow('enough');
    await until('the session is made', async () => (await client.sessions.list({ user: 'given-up' }).all())[0]);
    stop.abort(new Error('enough'));
    await failed;
    await until('the session has ended', async () => {
      const [session] = await client.sessions.list({ user: 'given-up' }).all();
      return session?.status === 'terminated';
    });
    await proxy.stop();
  });

  it('that can’t be ended with its block is named, with its end', async () => {
    const proxy = await startFaultProxy(server.url, NO_FAULTS);
    const session = await clientOf(proxy.url, 0).session({ user: 'left', ttl_minutes: 10 });
    await proxy.stop();
    const left = await session[Symbol.asyncDispose]().catch((error: unknown) => error);
    expect(left).toBeInstanceOf(SessionLeft);
    expect(String(left)).toContain(
      `Session ${session.id} could not be ended; it ends by itself at ${session.expires_at}`,
    );
    await clientOf().sessions.delete(session.id);
  });
});

describe('a server that is killed and started again', () => {
  it('is found again by a held call, by output that is followed and by input', async () => {
    const port = new URL(server.url).port;
    const session = await clientOf().session({ user: 'killed', ttl_minutes: 10 });
    const held = session.run('echo run >> runs; while [ ! -e go ]; do sleep 0.1; done; echo held', { timeout: 120 });
    const followed = await session.start('i=0; while [ ! -e go ]; do i=$((i+1)); echo $i; sleep 0.1; done; echo last');
    const echo = await session.start('cat', { stdin: true });
    const [output, echoed] = [bytesOf(followed), bytesOf(echo)];
    await echo.write('before, ');
    await until('the held command runs', async () => (await lines(session, 'runs')).length === 1);

    const { dataDir, child, ended } = server;
    child.kill('SIGKILL');
    await ended;
    const after = echo.write('after');
    server = await startServer({ dataDir, env: { ONMEMOS_PORT: port } });

    await after;
    await echo.closeStdin();
    expect((await session.run('touch go')).success).toBe(true);
    expect(await held).toMatchObject({ stdout: 'held\n', returncode: 0 });
    expect(await lines(session, 'runs')).toEqual(['run']);
    expect((await echoed).toString()).toBe('before, after');
    const said = (await output).toString().trimEnd().split('\n');
    expect(said.at(-1)).toBe('last');
    expect(said.slice(0, -1)).toEqual(said.slice(0, -1).map((_, i) => String(i + 1)));
    await session.delete();
  });
});
