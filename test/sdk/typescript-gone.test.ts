import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnMemOSClient, type Session } from '../../sdk/typescript/src/index.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { until } from '../acceptance/support/until.ts';

let server: RunningServer;
let client: OnMemOSClient;
let session: Session;

beforeAll(async () => {
  server = await startServer();
  client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key });
  session = await client.session({ user: 'gone', ttl_minutes: 10 });
});
afterAll(() => stopServer(server));

const execOf = async (mark: string) =>
  (await client.execs.list(session.id).all()).find(({ command, argv }) =>
    [command ?? '', ...(argv ?? [])].join(' ').includes(mark),
  );
const started = (mark: string) => until(`${mark} has started`, async () => ((await execOf(mark)) ? true : null));
const endOf = (mark: string) =>
  until(`${mark} has ended`, async () => {
    const exec = await execOf(mark);
    return exec && exec.status !== 'running' ? exec : null;
  });

describe('a call that is cancelled', () => {
  const calls = {
    'run of a line': (mark: string, signal: AbortSignal) => session.run(`echo ${mark}; sleep 1000`, { signal }),
    'run of words': (mark: string, signal: AbortSignal) =>
      session.run(['sh', '-c', `echo ${mark}; sleep 1000`], { signal }),
    'run with a callback': (mark: string, signal: AbortSignal) =>
      session.run(`echo ${mark}; sleep 1000`, { signal, onStdout: () => {} }),
    execute: (mark: string, signal: AbortSignal) =>
      client.execs.execute(session.id, { command: `echo ${mark}; sleep 1000` }, { signal }),
  };
  it.each(Object.entries(calls))('ends its command: %s', async (name, call) => {
    const mark = `mark-${name.replaceAll(' ', '-')}`;
    const stop = new AbortController();
    const calling = expect(call(mark, stop.signal)).rejects.toThrow('enough');
    await started(mark);
    stop.abort(new Error('enough'));
    await calling;
    expect((await endOf(mark)).signal).toBe('PIPE');
  });

  it('ends its command where the function that is told its output throws', async () => {
    const onStdout = (): void => {
      throw new Error('no more');
    };
    await expect(session.run('echo mark-throws; sleep 1000', { onStdout })).rejects.toThrow('no more');
    expect((await endOf('mark-throws')).signal).toBe('PIPE');
  });

  it('leaves no command behind whose start it did not see answered', async () => {
    for (let at = 0; at < 20; at++) {
      const stop = new AbortController();
      const starting = session.start(`sleep 1000 # mark-start-${at}.`, { signal: stop.signal }).catch(() => null);
      setTimeout(() => stop.abort(), at);
      const process = await starting;
      if (process !== null) await process.kill();
    }
    await until('none of them runs', async () => {
      const left = await client.execs.list(session.id).all();
      return left.some(({ command, status }) => command?.includes('mark-start') && status === 'running') ? null : true;
    });
  });

  it('says nothing of a command that was started, or only read', async () => {
    const process = await session.start('echo mark-started; exec sleep 1000');
    const stop = new AbortController();
    for await (const { data } of process.output({ signal: stop.signal })) {
      if (Buffer.from(data).toString().includes('mark-started')) break;
    }
    stop.abort();
    expect((await process.refresh()).exec.status).toBe('running');
    await process.kill();
  });
});
