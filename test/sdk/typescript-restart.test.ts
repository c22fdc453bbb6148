import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionFailed, OnMemOSClient, ServerAway } from '../../sdk/typescript/src/index.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';

let server: RunningServer;

beforeEach(async () => {
  server = await startServer();
});
afterEach(() => stopServer(server));

const killed = async (): Promise<void> => {
  server.child.kill('SIGKILL');
  await server.ended;
};
const startedAgain = async (): Promise<void> => {
  server = await startServer({ dataDir: server.dataDir, env: { ONMEMOS_PORT: new URL(server.url).port } });
};

describe('a server that is away for longer than a call is retried', () => {
  it('is waited for by calls, by output that is read, by input and by an end', async () => {
    // The count of retries alone would be used up long before.
    const client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, maxRetries: 1 });
    const session = await client.sessions.create({ user: 'restart', ttl_minutes: 10 });
    const ended = await client.sessions.create({ user: 'restart', ttl_minutes: 10 });
    const counted = await session.start('i=0; while [ ! -e go ]; do i=$((i+1)); echo $i; sleep 0.2; done; echo last');
    const echo = await session.start('cat', { stdin: true });
    const held = session.run('while [ ! -e go ]; do sleep 0.1; done; echo held');
    const lines = (async () => {
      let text = '';
      for await (const { data } of counted) text += Buffer.from(data).toString();
      return text.trimEnd().split('\n');
    })();
    const echoed = (async () => {
      let text = '';
      for await (const { data } of echo) text += Buffer.from(data).toString();
      return text;
    })();
    await pause(500);
    await killed();
    const calls = Promise.all([
      client.info(),
      session.refresh(),
      client.sessions.create({ user: 'restart', ttl_minutes: 10 }),
      session.start('echo started'),
      ended.delete(),
      echo.write('typed'),
      session.shell(),
    ]);
    await pause(6_000);
    await startedAgain();

    const [info, , created, started, , , shell] = await calls;
    expect(info.service).toBe('onmemos');
    expect(created.status).toBe('running');
    expect(await started.wait()).toBe(0);
    expect(ended.status).toBe('terminated');
    expect((await shell.command('echo shell')).stdout).toBe('shell\n');
    shell.close();
    await echo.closeStdin();
    expect(await echoed).toBe('typed');
    await session.run('touch go');
    expect((await held).stdout).toBe('held\n');
    const said = await lines;
    expect(said.at(-1)).toBe('last');
    expect(said.slice(0, -1)).toEqual(said.slice(0, -1).map((_, i) => String(i + 1)));
    // Made once, though asked for more often.
    const all = await client.sessions.list({ user: 'restart' }).all();
    expect(all.length).toBe(3);
  });

  it('is given up in the end, by an error that says how to go on', async () => {
    const options = { baseUrl: server.url, apiKey: server.key, reconnectSeconds: 2 };
    const client = new OnMemOSClient(options);
    const session = await client.sessions.create({ user: 'restart', ttl_minutes: 10 });
    const process = await session.start('sleep 60', { exec_id: 'followed' });
    const reading = process[Symbol.asyncIterator]().next();
    const run = session.run('sleep 60');
    const followed = session.run('sleep 60', { onStdout: () => undefined });
    const held = Promise.allSettled([reading, run, followed]);
    await pause(500);
    await killed();
    const all = [...(await held), ...(await Promise.allSettled([client.info()]))];
    const reasons = all.map((each) => (each.status === 'rejected' ? each.reason : null));
    expect(reasons.map((reason) => reason instanceof ServerAway)).toEqual([true, true, true, true]);
    const [first, ...others] = reasons.map(({ message }) => message as string);
    expect(first).toMatch(/^The server at \S+ has been away for \d+ s\. The command may go on: see `onmemos logs -f /);
    expect(first).toContain(
      `\`onmemos logs -f ${session.id} followed\`, or client.execs.get('${session.id}', 'followed').`,
    );
    for (const message of others.slice(0, 2)) expect(message).toMatch(/`onmemos logs -f \S+ exe-\w+`/);
    expect(others[2]).toContain('Make the same call again once it answers.');
    await startedAgain();
    // What was said holds.
    expect((await new OnMemOSClient(options).execs.get(session.id, 'followed')).status).toBe('running');
  });

  it('is not waited for where it has never answered', async () => {
    await killed();
    const calls: number[] = [];
    const counting: typeof fetch = (...call) => {
      calls.push(Date.now());
      return fetch(...call);
    };
    const client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: counting });
    const failed = await client.info().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConnectionFailed);
    expect(failed).not.toBeInstanceOf(ServerAway);
    expect(calls.length).toBe(5);
  });
});
