import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type ExecChannel, ExecError, type OutputEvent } from '#ports/exec.ts';
import { serveAttach } from './attach.ts';
import { FrameDecoder } from './decode.ts';
import { encodeFrame } from './encode.ts';
import { FRAME, type Frame, type FrameType } from './frames.ts';
import { NEWEST_VERSION } from './versions.ts';

const refuse = async (): Promise<never> => {
  throw new Error('not part of this test');
};

/** A command that echoes its stdin and ends when stdin is closed. */
const echo = () => {
  const done: string[] = [];
  const events: OutputEvent[] = [];
  let wake = Promise.withResolvers<void>();
  const push = (event: OutputEvent) => {
    events.push(event);
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  let offset = 0;
  const exec = {
    exec_id: 'a',
    status: 'exited' as const,
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
  };
  const channel: ExecChannel = {
    start: refuse,
    get: refuse,
    list: refuse,
    offsetAt: refuse,
    wait: refuse,
    deadline: refuse,
    usage: refuse,
    close: () => {},
    async *read(_id, from, options) {
      if (from > 0) throw new ExecError('past_end', 'too far');
      options?.signal?.addEventListener('abort', () => wake.resolve());
      for (let i = 0; ; i++) {
        while (!events[i] && !options?.signal?.aborted) await wake.promise;
        const event = events[i];
        if (!event) return;
        yield event;
        if (event.type === 'exit') return;
      }
    },
    stdin: async (_id, at, data, eof) => {
      if (at > offset) throw new ExecError('stdin_gap', 'a gap');
      push({ type: 'chunk', seq: offset, stream: 'stdout', time: null, data });
      offset += data.byteLength;
      if (eof) push({ type: 'exit', exec });
      return offset;
    },
    signal: async (_id, name) => {
      done.push(`signal ${name}`);
      return exec;
    },
    resize: async (_id, cols, rows) => void done.push(`resize ${cols}x${rows}`),
  };
  return { channel, done };
};

const client = () => {
  const [near, far] = duplexPair();
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  near.on('data', (bytes: Buffer) => frames.push(...decoder.push(bytes)));
  const send = (type: FrameType, header: Record<string, unknown>, data?: string) =>
    near.write(encodeFrame(type, header, data === undefined ? undefined : Buffer.from(data)));
  return { near, far, frames, send };
};

describe('serveAttach', () => {
  it('carries one exec both ways until it ends', async () => {
    const { channel, done } = echo();
    const { far, frames, near, send } = client();
    const ended = once(near, 'end');
    const served = serveAttach(far, channel, 'a', 0);
    send(FRAME.hello, { version: NEWEST_VERSION });
    send(FRAME.resize, { cols: 100, rows: 30 });
    send(FRAME.stdin, { offset: 0 }, 'hello');
    send(FRAME.stdin, { offset: 99 }, 'x');
    send(FRAME.signal, { signal: 'INT' });
    send(FRAME.stdin, { offset: 5, eof: true }, '!');
    expect(await served).toBe('exit');
    await ended;
    expect(done).toEqual(['resize 100x30', 'signal INT']);
    const said = frames.map(({ type, header, data }) => [
      type,
      { ...header, exec: undefined },
      Buffer.concat(data).toString(),
    ]);
    expect(said[0]).toEqual([FRAME.hello, { version: NEWEST_VERSION }, '']);
    expect(said).toContainEqual([FRAME.accepted, { offset: 5 }, '']);
    expect(said).toContainEqual([FRAME.error, { code: 'stdin_gap', message: 'a gap' }, '']);
    expect(said).toContainEqual([FRAME.chunk, { seq: 0, stream: 'stdout' }, 'hello']);
    expect(said.filter(([type]) => type === FRAME.exit)).toHaveLength(1);
  });

  it('refuses input from a connection that may only read', async () => {
    const { channel } = echo();
    const { far, frames, send, near } = client();
    const served = serveAttach(far, channel, 'a', 0, { writable: false });
    send(FRAME.hello, { version: NEWEST_VERSION });
    send(FRAME.stdin, { offset: 0, eof: true }, 'x');
    while (!frames.some(({ type }) => type === FRAME.error)) await new Promise((resolve) => near.once('data', resolve));
    near.end();
    expect(await served).toBe('closed');
    expect(frames.some(({ type }) => type === FRAME.accepted)).toBe(false);
  });

  it('tells the client why it can not read', async () => {
    const { channel } = echo();
    const { far, frames, near, send } = client();
    const ended = once(near, 'end');
    const served = serveAttach(far, channel, 'a', 7);
    send(FRAME.hello, { version: NEWEST_VERSION });
    await expect(served).rejects.toMatchObject({ code: 'past_end' });
    await ended;
    expect(frames.at(-1)).toMatchObject({ type: FRAME.error, header: { code: 'past_end' } });
  });

  it('ends when the caller ends it', async () => {
    const { channel } = echo();
    const { far, send } = client();
    const stop = new AbortController();
    const served = serveAttach(far, channel, 'a', 0, { signal: stop.signal });
    send(FRAME.hello, { version: NEWEST_VERSION });
    stop.abort();
    expect(await served).toBe('closed');
  });
});
