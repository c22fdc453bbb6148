import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type ExecChannel, ExecError, type ExecState, type OutputEvent } from '#ports/exec.ts';
import { CallError } from './call-error.ts';
import { connectFrames } from './client.ts';
import { connectExec } from './exec-channel.ts';
import { FrameDecoder } from './decode.ts';
import { encodeFrame } from './encode.ts';
import { EVENT_COST_BYTES } from './bounds.ts';
import { FRAME, type Frame } from './frames.ts';
import { type Served, serveExec } from './serve.ts';
import { NEWEST_VERSION } from './versions.ts';

const state = (exec_id: string): ExecState => ({
  exec_id,
  status: 'exited',
  exit_code: 0,
  signal: null,
  signal_number: null,
  timed_out: false,
  next_offset: 0,
  first_offset: 0,
  missing_from: null,
  end_offset: 0,
  stdin_offset: 0,
  started_at: 1,
  ended_at: 2,
});

const never = new Promise<never>(() => {});
const unused = async (): Promise<never> => {
  throw new Error('not part of this test');
};

const fakeChannel = (given: Partial<ExecChannel> = {}): ExecChannel => ({
  start: async ({ exec_id }) => state(exec_id),
  get: async () => null,
  list: async () => [],
  read: async function* () {},
  offsetAt: unused,
  wait: () => never,
  stdin: unused,
  signal: unused,
  resize: unused,
  deadline: unused,
  usage: unused,
  close: () => {},
  ...given,
});

const serve = (served: Partial<Served> & { channel: ExecChannel | null }) => {
  const [near, far] = duplexPair();
  const connection = serveExec(far, { open: async () => served });
  return { near, connection };
};

/** A client whose frames the test sends itself. */
const rawClient = (channel: ExecChannel) => rawPeer(serve({ channel }).near);

const rawPeer = async (near: Duplex) => {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  let arrived = Promise.withResolvers<void>();
  near.on('data', (bytes: Buffer) => {
    frames.push(...decoder.push(bytes));
    arrived.resolve();
    arrived = Promise.withResolvers<void>();
  });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await arrived.promise;
  };
  near.write(encodeFrame(FRAME.hello, { version: NEWEST_VERSION }));
  await until(() => frames.length === 1);
  return { near, frames, until };
};

const chunk = (seq: number, bytes: number): OutputEvent => ({
  type: 'chunk',
  seq,
  stream: 'stdout',
  time: null,
  data: Buffer.alloc(bytes),
});

describe('serveExec and connectExec', () => {
  it('carries many operations at once', async () => {
    const { near } = serve({ channel: fakeChannel() });
    const channel = await connectExec(near);
    const started = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        channel.start({ exec_id: `e${i}`, command: 'x', timeout_ms: null, log_limit_mb: 1 }),
      ),
    );
    expect(started.map(({ exec_id }) => exec_id)).toEqual(Array.from({ length: 200 }, (_, i) => `e${i}`));
  });

  it('gives errors their code', async () => {
    const channel = fakeChannel({
      wait: async () => {
        throw new ExecError('no_such_exec', 'there is none');
      },
      signal: unused,
    });
    const call = async () => {
      throw new CallError('refused', 'no room');
    };
    const { near } = serve({ channel, call });
    const client = await connectFrames(near);
    await expect(client.call('wait', { exec_id: 'a' })).rejects.toMatchObject({
      name: 'ExecError',
      code: 'no_such_exec',
    });
    await expect(client.call('create', {})).rejects.toMatchObject({ name: 'CallError', code: 'refused' });
    await expect(client.call('signal', { exec_id: 'a', signal: 'TERM' })).rejects.toMatchObject({ code: 'internal' });
    await expect(client.call('start', { exec_id: 'a' })).rejects.toMatchObject({ code: 'invalid' });
    expect(await client.call('ping', {})).toBeNull();
  });

  it('distinguishes an unknown operation from a refused one', async () => {
    const { near } = serve({ channel: fakeChannel() });
    const client = await connectFrames(near);
    await expect(client.call('levitate', {})).rejects.toMatchObject({ name: 'CallError', code: 'no_such_op' });
    await expect(client.call('get', {})).rejects.toMatchObject({ name: 'ExecError', code: 'invalid' });
  });

  it('does not send the text of an error without a code', async () => {
    const failed: unknown[] = [];
    const [near, far] = duplexPair();
    const broken = Object.assign(new Error('no space left on /srv/secret'), { code: 'ENOSPC' });
    const list = async () => {
      throw broken;
    };
    serveExec(far, {
      open: async () => ({ channel: fakeChannel({ list }) }),
      failed: (error) => failed.push(error),
    });
    const client = await connectFrames(near);
    const answer = client.call('list', {});
    await expect(answer).rejects.toMatchObject({ code: 'internal', message: expect.not.stringContaining('secret') });
    expect(failed).toEqual([broken]);
  });

  it('carries usage, and refuses figures that are not valid', async () => {
    const measured = { cpu_percent: 12.5, memory_mb: 3, memory_limit_mb: null, disk_mb: 0, processes: 2 };
    const { near } = serve({ channel: fakeChannel({ usage: async () => measured }) });
    expect(await (await connectExec(near)).usage()).toEqual(measured);
    const said = async (value: unknown) => {
      const { near: other } = serve({ channel: fakeChannel({ usage: async () => value as typeof measured }) });
      return (await connectExec(other)).usage();
    };
    const nothing = { cpu_percent: null, memory_mb: null, memory_limit_mb: null, disk_mb: null, processes: null };
    expect(await said({ gpu_percent: 7 })).toEqual(nothing);
    await expect(said({ memory_mb: -1 })).rejects.toThrow('memory_mb must be a number that is not negative');
    await expect(said({ processes: 1.5 })).rejects.toThrow('processes must be a whole number');
    await expect(said(null)).rejects.toThrow('usage must be an object');
  });

  it('lists execs in pages', async () => {
    const all = Array.from({ length: 1_234 }, (_, i) => state(`e${i}`));
    const { near } = serve({ channel: fakeChannel({ list: async () => all }) });
    expect(await (await connectExec(near)).list()).toEqual(all);
  });

  it('carries the times of output, and says so where the peer keeps none', async () => {
    const times = [1_795_773_600_123, null];
    const { near } = serve({
      channel: fakeChannel({
        async *read() {
          for (const [i, time] of times.entries())
            yield { type: 'chunk', seq: i, stream: 'stderr', time, data: Buffer.alloc(1) };
        },
        offsetAt: async (exec_id, time) => (exec_id === 'kept' ? time - 5 : null),
      }),
    });
    const channel = await connectExec(near);
    const seen: unknown[] = [];
    for await (const event of channel.read('a', 0)) if (event.type === 'chunk') seen.push(event.time);
    expect(seen).toEqual(times);
    expect(await channel.offsetAt('kept', 1_795_773_600_123)).toBe(1_795_773_600_118);
    expect(await channel.offsetAt('none', 0)).toBeNull();
  });

  it('takes a peer without the operation for one that keeps no times, and no other error', async () => {
    const earlier = serve({ channel: null });
    expect(await (await connectExec(earlier.near)).offsetAt('a', 0)).toBeNull();
    const { near } = serve({
      channel: fakeChannel({
        offsetAt: async () => {
          throw new ExecError('no_such_exec', 'there is none');
        },
      }),
    });
    const channel = await connectExec(near);
    await expect(channel.offsetAt('a', 0)).rejects.toMatchObject({ code: 'no_such_exec' });
    await expect(channel.offsetAt('a', 1e15)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('ends the connection of a peer whose times no instant can name', async () => {
    const { near } = serve({
      channel: fakeChannel({
        async *read() {
          yield { ...chunk(0, 1), time: 1e15 } as OutputEvent;
          await never;
        },
      }),
    });
    const events = (await connectExec(near)).read('a', 0)[Symbol.asyncIterator]();
    await expect(events.next()).rejects.toMatchObject({ code: 'invalid' });
  });

  it('rejects all open calls when the connection breaks', async () => {
    const { near, connection } = serve({
      channel: fakeChannel({
        async *read() {
          yield chunk(0, 1);
          await never;
        },
      }),
    });
    const channel = await connectExec(near);
    const wait = channel.wait('a');
    const events = channel.read('a', 0)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'chunk' });
    const next = events.next();
    connection.close();
    await expect(wait).rejects.toMatchObject({ name: 'ExecError', code: 'unavailable' });
    await expect(next).rejects.toMatchObject({ name: 'ExecError', code: 'unavailable' });
    await expect(channel.get('a')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('aborts calls that the peer cancels, and all calls when it disconnects', async () => {
    const aborted: string[] = [];
    const both = Promise.withResolvers<void>();
    const wait: ExecChannel['wait'] = (exec_id, signal) =>
      new Promise((_, reject) => {
        if (exec_id === 'second') both.resolve();
        signal?.addEventListener('abort', () => {
          aborted.push(exec_id);
          reject(signal.reason);
        });
      });
    const { near, connection } = serve({ channel: fakeChannel({ wait }) });
    const channel = await connectExec(near);
    const stop = new AbortController();
    const first = channel.wait('first', stop.signal);
    const second = channel.wait('second');
    await both.promise;
    stop.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    await channel.get('x');
    near.end();
    await connection.closed;
    channel.close();
    await expect(second).rejects.toMatchObject({ code: 'unavailable' });
    expect(aborted).toEqual(['first', 'second']);
  });

  it('answers a cancelled call and does not report a failure', async () => {
    const failed: unknown[] = [];
    const wait: ExecChannel['wait'] = (_id, signal) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const [near, far] = duplexPair();
    serveExec(far, {
      open: async () => ({ channel: fakeChannel({ wait }) }),
      failed: (error) => failed.push(error),
    });
    const { frames, until } = await rawPeer(near);
    near.write(encodeFrame(FRAME.call, { ch: 1, op: 'wait', exec_id: 'a' }));
    near.write(encodeFrame(FRAME.cancel, { ch: 1 }));
    await until(() => frames.length === 2);
    expect(frames[1]).toMatchObject({ type: FRAME.error, header: { ch: 1, code: 'cancelled' } });
    expect(failed).toEqual([]);
  });

  it('ignores frames of ended calls, and frames that only a server sends', async () => {
    const { near, frames, until } = await rawClient(fakeChannel());
    near.write(encodeFrame(FRAME.cancel, { ch: 9 }));
    near.write(encodeFrame(FRAME.credit, { ch: 9, bytes: 1 }));
    near.write(encodeFrame(FRAME.accepted, { offset: 1 }));
    near.write(encodeFrame(FRAME.hello, { version: NEWEST_VERSION }));
    near.write(encodeFrame(FRAME.call, { ch: 1, op: 'ping' }));
    await until(() => frames.length === 2);
    expect(frames[1]).toMatchObject({ type: FRAME.ok, header: { ch: 1, result: null } });
  });
});

describe('flow control', () => {
  it('sends no more than the credit and one frame', async () => {
    let produced = 0;
    const channel = fakeChannel({
      async *read() {
        for (;;) {
          produced++;
          yield chunk((produced - 1) * 1000, 1000);
        }
      },
    });
    const { near, frames, until } = await rawClient(channel);
    const cost = 1000 + EVENT_COST_BYTES;
    near.write(encodeFrame(FRAME.call, { ch: 1, op: 'read', exec_id: 'a', from: 0, credit: 5 * cost - 1 }));
    const chunks = () => frames.filter((frame) => frame.type === FRAME.chunk).length;
    await until(() => chunks() === 5);
    near.write(encodeFrame(FRAME.call, { ch: 2, op: 'get', exec_id: 'a' }));
    await until(() => frames.at(-1)?.type === FRAME.ok);
    expect(chunks()).toBe(5);
    expect(produced).toBeLessThanOrEqual(6);
    near.write(encodeFrame(FRAME.credit, { ch: 1, bytes: 2 * cost }));
    await until(() => chunks() === 7);
    near.destroy();
  });

  it('holds a slow reader to its window, in small pieces too', async () => {
    let produced = 0;
    const channel = fakeChannel({
      async *read() {
        for (; produced < 100_000; produced++) yield chunk(produced, 1);
      },
    });
    const { near } = serve({ channel });
    const client = await connectFrames(near, { credit_bytes: 64 * 100 });
    let read = 0;
    for await (const event of client.read('a', 0)) {
      if (event.type !== 'chunk') continue;
      expect(event.seq).toBe(read);
      read++;
      if (read % 10_000 === 0) expect(produced - read).toBeLessThan(250);
    }
    expect(read).toBe(100_000);
    client.close();
  });

  it('gives each reader less the more there are, over all connections', async () => {
    const [near, far] = duplexPair();
    const decoder = new FrameDecoder();
    const credits: unknown[] = [];
    far.on('data', (bytes: Buffer) => {
      for (const frame of decoder.push(bytes)) {
        if (frame.type === FRAME.hello) far.write(encodeFrame(FRAME.hello, { version: NEWEST_VERSION }));
        if (frame.type === FRAME.call) credits.push(frame.header['credit']);
      }
    });
    const client = await connectFrames(near);
    const over = new AbortController();
    const reads = Array.from({ length: 2_000 }, () =>
      client.read('a', 0, { signal: over.signal })[Symbol.asyncIterator]().next(),
    );
    await expect.poll(() => credits.length).toBe(2_000);
    const MIB = 1024 * 1024;
    expect([credits[0], credits[63], credits[127], credits[1999]]).toEqual([2 * MIB, 2 * MIB, MIB, MIB / 8]);
    over.abort();
    await Promise.all(reads);
    const last = client.read('a', 0)[Symbol.asyncIterator]().next();
    last.catch(() => undefined);
    await expect.poll(() => credits[2_000]).toBe(2 * MIB);
    client.close();
  });

  it('closes the connection of a peer that floods a reader', async () => {
    const [near, far] = duplexPair();
    const decoder = new FrameDecoder();
    far.on('data', (bytes: Buffer) => {
      for (const frame of decoder.push(bytes)) {
        if (frame.type === FRAME.hello) far.write(encodeFrame(FRAME.hello, { version: NEWEST_VERSION }));
        if (frame.type !== FRAME.call) continue;
        for (let i = 0; i < 100; i++) {
          far.write(encodeFrame(FRAME.chunk, { ch: 1, seq: i * 1000, stream: 'stdout' }, Buffer.alloc(1000)));
        }
      }
    });
    const client = await connectFrames(near, { credit_bytes: 10_000 });
    const events = client.read('a', 0)[Symbol.asyncIterator]();
    await events.next();
    expect((await client.closed).message).toContain('without credit');
  });
});
