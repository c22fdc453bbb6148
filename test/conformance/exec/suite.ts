import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecChannel, ExecStart, ExecState, OutputEvent } from '#ports/exec.ts';
import { heldOutput } from './held-output.ts';
import { outputTimes } from './output-times.ts';

export interface ExecConformance {
  /** A new connection to one and the same session, each time. */
  open(): Promise<ExecChannel>;
  /** Resident memory of the process that holds the logs, bytes; null where it can't be seen. */
  keeperMemory?(): Promise<number>;
  /** False where the driver has no terminals. */
  readonly tty: boolean;
  /** The test's own end. */
  close(): Promise<void>;
}

/** The exec contract, line by line, for every driver. `prepare` makes one running session. */
export const execConformance = (name: string, prepare: () => Promise<ExecConformance>): void => {
  describe(`exec conformance: ${name}`, () => {
    let target: ExecConformance;
    let channel: ExecChannel;
    let ids = 0;

    beforeAll(async () => {
      target = await prepare();
      channel = await target.open();
    });
    afterAll(async () => {
      channel?.close();
      await target?.close();
    });

    const exec = (given: Partial<ExecStart>): ExecStart => {
      ids++;
      return { exec_id: `exe-${ids}`, timeout_ms: null, log_limit_mb: 64, ...given };
    };
    const run = async (given: Partial<ExecStart>): Promise<{ state: ExecState; out: string; err: string }> => {
      const { exec_id } = await channel.start(exec(given));
      const { out, err, exit } = await collect(channel.read(exec_id, 0));
      if (!exit) throw new Error('the log ended without an exit');
      return { state: exit, out: out.toString(), err: err.toString() };
    };

    it('runs a command by /bin/sh and tells its two streams and its exit code', async () => {
      const { state, out, err } = await run({ command: 'echo out; echo err >&2; exit 7' });
      expect({ out, err }).toEqual({ out: 'out\n', err: 'err\n' });
      expect(state).toMatchObject({ status: 'exited', exit_code: 7, signal: null, timed_out: false, next_offset: 8 });
      expect(state.ended_at).toBeGreaterThanOrEqual(state.started_at);
    });

    it('runs an argv without a shell', async () => {
      const { out } = await run({ argv: ['printf', '%s|', 'a b', '$HOME', '*'] });
      expect(out).toBe('a b|$HOME|*|');
    });

    it('gives the command the env of its start and the folder asked for', async () => {
      const { out } = await run({
        command: 'printf %s "$GREETING:"; pwd',
        env: { GREETING: "it's $HOME" },
        cwd: '/usr',
      });
      expect(out).toBe("it's $HOME:/usr\n");
    });

    it('lets a command inherit no open file but its three streams', async () => {
      const { out } = await run({ argv: ['ls', '-l', '/proc/self/fd'] });
      const open = [...out.matchAll(/ (\d+) -> (.*)$/gm)].map(([, fd, to]) => ({ fd: Number(fd), to }));
      // The one more is the listing's own.
      expect(open.filter(({ fd, to }) => fd > 2 && !/^\/proc\/\d+\/fd$/.test(to ?? ''))).toEqual([]);
      expect(open.length).toBeGreaterThanOrEqual(3);
    });

    it('has no stdin unless it is asked for', async () => {
      expect((await run({ command: 'cat; echo end' })).out).toBe('end\n');
      const { exec_id } = await channel.start(exec({ command: 'sleep 0.2' }));
      await expect(channel.stdin(exec_id, 0, Buffer.from('x'), false)).rejects.toMatchObject({ code: 'stdin_closed' });
    });

    it('starts an id once, whoever asks', async () => {
      const others = await Promise.all(Array.from({ length: 9 }, () => target.open()));
      const start = exec({ command: 'echo started; sleep 0.1' });
      const states = await Promise.all([channel, ...others].map((one) => one.start(start)));
      expect(new Set(states.map((state) => state.started_at)).size).toBe(1);
      expect((await collect(channel.read(start.exec_id, 0))).out.toString()).toBe('started\n');
      for (const other of others) other.close();
    });

    it('knows its execs', async () => {
      const { exec_id } = await channel.start(exec({ command: 'true' }));
      await channel.wait(exec_id);
      expect((await channel.list()).map((state) => state.exec_id)).toContain(exec_id);
      expect(await channel.get(exec_id)).toMatchObject({ exec_id, status: 'exited', exit_code: 0 });
      expect(await channel.get('exe-unknown')).toBeNull();
      await expect(channel.wait('exe-unknown')).rejects.toMatchObject({ code: 'no_such_exec' });
      await expect(collect(channel.read('exe-unknown', 0))).rejects.toMatchObject({ code: 'no_such_exec' });
    });

    it('says what was wrong with a start', async () => {
      await expect(channel.start(exec({}))).rejects.toMatchObject({ code: 'invalid' });
      await expect(channel.start(exec({ command: 'x', exec_id: '../up' }))).rejects.toMatchObject({ code: 'invalid' });
      await expect(channel.start(exec({ command: 'x', log_limit_mb: 0 }))).rejects.toMatchObject({ code: 'invalid' });
    });

    it('ends without an exit when it is not to follow', async () => {
      const { exec_id } = await channel.start(exec({ command: 'echo so far; sleep 5' }));
      await until(async () => ((await channel.get(exec_id))?.next_offset ?? 0) > 0);
      const { out, exit } = await collect(channel.read(exec_id, 0, { follow: false }));
      expect(out.toString()).toBe('so far\n');
      expect(exit).toBeNull();
      await channel.signal(exec_id, 'KILL');
    });

    it('refuses to read past the end', async () => {
      const { exec_id } = await channel.start(exec({ command: 'printf 12345' }));
      await channel.wait(exec_id);
      await expect(collect(channel.read(exec_id, 6))).rejects.toMatchObject({ code: 'past_end' });
      const { out, exit } = await collect(channel.read(exec_id, 5));
      expect(out.byteLength).toBe(0);
      expect(exit?.exit_code).toBe(0);
    });

    it('stops reading when its reader aborts', async () => {
      const { exec_id } = await channel.start(exec({ command: 'echo first; sleep 30' }));
      const stop = new AbortController();
      let seen = '';
      for await (const event of channel.read(exec_id, 0, { signal: stop.signal })) {
        if (event.type === 'chunk') seen += Buffer.from(event.data).toString();
        stop.abort();
      }
      expect(seen).toBe('first\n');
      expect((await channel.get(exec_id))?.status).toBe('running');
      await channel.signal(exec_id, 'KILL');
    });

    it('gives identical tails of a mixed log from every offset', async () => {
      const script = 'i=0; while [ $i -lt 250 ]; do echo stdout-$i; echo stderr-$i >&2; i=$((i+1)); done | cat';
      const { exec_id } = await channel.start(exec({ command: `${script}; printf %1000s x` }));
      const { exit, bytes, streams } = await collect(channel.read(exec_id, 0));
      const length = Math.min(exit?.next_offset ?? 0, 5_000);
      expect(length).toBe(5_000);
      const others = await Promise.all(Array.from({ length: 4 }, () => target.open()));
      for (let from = 0; from <= length; from += 50) {
        await Promise.all(
          Array.from({ length: 50 }, async (_, i) => {
            const one = others[i % others.length] ?? channel;
            const tail = await collect(one.read(exec_id, from + i));
            if (!tail.bytes.equals(bytes.subarray(from + i))) throw new Error(`the tail from ${from + i} differs`);
            if (!tail.streams.equals(streams.subarray(from + i))) throw new Error(`streams from ${from + i} differ`);
          }),
        );
      }
      for (const other of others) other.close();
    });

    it('loses nothing of 50 MB over twenty cuts', async () => {
      const bytes = 50 * 1000 * 1000;
      // The command's own sum of what it wrote is the log's last line.
      const command = `f=$(mktemp); head -c ${bytes} /dev/urandom > $f; cat $f; sha256sum < $f | cut -c1-64; rm $f`;
      const { exec_id } = await channel.start(exec({ command }));
      const cuts = Array.from({ length: 20 }, (_, i) => Math.floor(((i + Math.random()) / 20) * bytes));
      const hash = createHash('sha256');
      let position = 0;
      let last = Buffer.alloc(0);
      for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
        const one = await target.open();
        for await (const event of one.read(exec_id, position)) {
          if (event.type === 'gap') throw new Error(`a gap from ${event.from} to ${event.to}`);
          if (event.type !== 'chunk') break;
          expect(event.seq).toBe(position);
          position += event.data.byteLength;
          last = Buffer.concat([last, event.data]).subarray(-65);
          hash.update(event.data.subarray(0, Math.max(0, event.data.byteLength - Math.max(0, position - bytes))));
          if (position >= cut) break;
        }
        one.close();
      }
      expect(position).toBe(bytes + 65);
      expect(last.toString().trim()).toBe(hash.digest('hex'));
    });

    it('drops the oldest past its limit and says so', async () => {
      const { exec_id } = await channel.start(
        exec({ command: 'head -c 5000000 /dev/zero; printf tail', log_limit_mb: 1 }),
      );
      const state = await channel.wait(exec_id);
      expect(state.next_offset).toBe(5_000_004);
      const kept = state.next_offset - state.first_offset;
      expect(kept).toBeGreaterThanOrEqual(1024 * 1024);
      expect(kept).toBeLessThan(1.5 * 1024 * 1024);
      const events: OutputEvent[] = [];
      for await (const event of channel.read(exec_id, 10)) events.push(event);
      expect(events[0]).toEqual({ type: 'gap', from: 10, to: state.first_offset });
      const { bytes } = await collect(channel.read(exec_id, state.first_offset));
      expect(bytes.byteLength).toBe(kept);
      expect(bytes.subarray(-4).toString()).toBe('tail');
    });

    outputTimes({ channel: () => channel, exec });
    heldOutput({ channel: () => channel, open: () => target.open(), exec });

    it('takes each byte of stdin once', async () => {
      const { exec_id } = await channel.start(exec({ command: 'cat', stdin: true }));
      expect(await channel.stdin(exec_id, 0, Buffer.from('hello '), false)).toBe(6);
      expect(await channel.stdin(exec_id, 0, Buffer.from('hello '), false)).toBe(6);
      expect(await channel.stdin(exec_id, 3, Buffer.from('lo world'), false)).toBe(11);
      await expect(channel.stdin(exec_id, 12, Buffer.from('x'), false)).rejects.toMatchObject({ code: 'stdin_gap' });
      expect(await channel.stdin(exec_id, 11, Buffer.alloc(0), true)).toBe(11);
      expect(await channel.stdin(exec_id, 6, Buffer.from('world'), true)).toBe(11);
      await expect(channel.stdin(exec_id, 11, Buffer.from('x'), false)).rejects.toMatchObject({
        code: expect.stringMatching(/^(stdin_closed|ended)$/),
      });
      const { out, exit } = await collect(channel.read(exec_id, 0));
      expect(out.toString()).toBe('hello world');
      expect(exit).toMatchObject({ exit_code: 0, stdin_offset: 11 });
    });

    it('passes 20 MB through stdin', async () => {
      const { exec_id } = await channel.start(exec({ command: 'sha256sum', stdin: true }));
      const data = Buffer.alloc(20 * 1000 * 1000, 'onmemos');
      expect(await channel.stdin(exec_id, 0, data, true)).toBe(data.byteLength);
      const { out } = await collect(channel.read(exec_id, 0));
      expect(out.toString().slice(0, 64)).toBe(createHash('sha256').update(data).digest('hex'));
    });

    it('tells the number of the signal that ended a command beside its name', async () => {
      const { state } = await run({ command: 'kill -16 $$; sleep 1000' });
      expect(state).toMatchObject({ status: 'killed', exit_code: null, signal: 'STKFLT', signal_number: 16 });
      expect((await run({ command: 'exit 144' })).state).toMatchObject({ signal: null, signal_number: null });
    });

    it('signals the whole process group', async () => {
      const { exec_id } = await channel.start(exec({ command: 'sleep 1000 & sleep 1000; echo not here' }));
      await channel.signal(exec_id, 'TERM');
      expect(await channel.wait(exec_id)).toMatchObject({ status: 'killed', signal: 'TERM', exit_code: null });
      await expect(channel.signal(exec_id, 'TERM')).rejects.toMatchObject({ code: 'ended' });
    });

    it('lets the command handle a signal', async () => {
      const command = "trap 'echo got it; exit 3' USR1; echo ready; while :; do sleep 0.05; done";
      const { exec_id } = await channel.start(exec({ command }));
      await until(async () => ((await channel.get(exec_id))?.next_offset ?? 0) > 0);
      await channel.signal(exec_id, 'USR1');
      const { out, exit } = await collect(channel.read(exec_id, 0));
      expect(out.toString()).toBe('ready\ngot it\n');
      expect(exit).toMatchObject({ status: 'exited', exit_code: 3 });
      await expect(channel.signal(exec_id, 'NONSENSE')).rejects.toMatchObject({ code: 'invalid' });
    });

    it('ends a command whose time is over, with what it printed', async () => {
      const { state, out } = await run({ command: 'echo before; sleep 1000', timeout_ms: 300 });
      expect(out).toBe('before\n');
      expect(state).toMatchObject({ status: 'timed_out', timed_out: true });
    });

    it('kills what ignores TERM', async () => {
      const command = "trap '' TERM; echo deaf; while :; do sleep 0.05; done";
      const { state, out } = await run({ command, timeout_ms: 300 });
      expect(out).toBe('deaf\n');
      expect(state).toMatchObject({ status: 'timed_out', timed_out: true, signal: 'KILL' });
    });

    it('ends though a child of the command holds the pipes', async () => {
      const { state, out } = await run({ command: '(sleep 1000; echo late) & echo now' });
      expect(out).toBe('now\n');
      expect(state).toMatchObject({ status: 'exited', exit_code: 0 });
    });

    it('gives one pipe for both streams where that is asked', async () => {
      const lines = Array.from({ length: 100 }, (_, i) => `echo ${i}${i % 2 ? ' >&2' : ''}`).join('; ');
      const { out, err } = await run({ command: lines, merge: true });
      expect(out.trim().split('\n')).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
      expect(err).toBe('');
    });

    it('never waits for a reader, and a slow one fills no memory', async () => {
      const mib = 300;
      const { exec_id } = await channel.start(
        exec({ command: `head -c ${mib * 1024 * 1024} /dev/zero`, log_limit_mb: 512 }),
      );
      const slow = await target.open();
      const reader = slow.read(exec_id, 0)[Symbol.asyncIterator]();
      const before = (await target.keeperMemory?.()) ?? 0;
      await reader.next();
      const state = await channel.wait(exec_id);
      expect(state.next_offset).toBe(mib * 1024 * 1024);
      const after = (await target.keeperMemory?.()) ?? 0;
      expect(after - before).toBeLessThan(150 * 1024 * 1024);
      let read = 0;
      for await (const event of channel.read(exec_id, 0)) if (event.type === 'chunk') read += event.data.byteLength;
      expect(read).toBe(state.next_offset);
      await reader.return?.();
      slow.close();
    });

    it('keeps an alternation of single bytes out of memory', async () => {
      const command = 'i=0; while [ $i -lt 20000 ]; do printf a; printf b >&2; i=$((i+1)); done';
      const { exec_id } = await channel.start(exec({ command }));
      const { out, err, exit } = await collect(channel.read(exec_id, 0));
      expect(out.toString()).toBe('a'.repeat(20_000));
      expect(err.toString()).toBe('b'.repeat(20_000));
      expect(exit?.next_offset).toBe(40_000);
    });

    it('goes on when every connection is gone', async () => {
      const other = await target.open();
      const { exec_id } = await other.start(exec({ command: 'echo one; sleep 0.5; echo two' }));
      const waiting = other.wait(exec_id);
      other.close();
      await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
      expect((await collect(channel.read(exec_id, 0))).out.toString()).toBe('one\ntwo\n');
    });

    it('measures what the session uses, and invents no figure', async () => {
      const { exec_id } = await channel.start(exec({ command: 'while :; do :; done' }));
      const measured = async () => {
        const usage = await channel.usage();
        for (const [name, figure] of Object.entries(usage))
          if (figure !== null) expect(figure, name).toBeGreaterThanOrEqual(0);
        return usage;
      };
      const { processes, cpu_percent } = await measured();
      if (processes !== null) expect(processes).toBeGreaterThanOrEqual(1);
      if (cpu_percent !== null) await until(async () => ((await measured()).cpu_percent ?? 0) > 10);
      await channel.signal(exec_id, 'KILL');
    });

    it('has a terminal that can be resized', async ({ skip }) => {
      if (!target.tty) skip('this driver has no terminals');
      const { exec_id } = await channel.start(
        exec({ command: 'stty size; read line; stty size; echo "$line"', tty: { cols: 80, rows: 24 }, stdin: true }),
      );
      await until(async () => ((await channel.get(exec_id))?.next_offset ?? 0) > 0);
      await channel.resize(exec_id, 132, 50);
      await channel.stdin(exec_id, 0, Buffer.from('typed\n'), false);
      const { out, exit } = await collect(channel.read(exec_id, 0));
      expect(out.toString()).toMatch(/24 80\r\n[\s\S]*50 132\r\ntyped\r\n$/);
      expect(exit?.exit_code).toBe(0);
    });

    it('ends what reads a terminal at the end of input', async ({ skip }) => {
      if (!target.tty) skip('this driver has no terminals');
      const { exec_id } = await channel.start(exec({ command: 'cat', tty: { cols: 80, rows: 24 }, stdin: true }));
      await channel.stdin(exec_id, 0, Buffer.from('line\n'), true);
      expect(await channel.wait(exec_id)).toMatchObject({ status: 'exited', exit_code: 0 });
    });
  });
};

interface Collected {
  readonly out: Buffer;
  readonly err: Buffer;
  readonly bytes: Buffer;
  /** For each byte, which stream it came from. */
  readonly streams: Buffer;
  readonly exit: ExecState | null;
}

/** Everything to the end. Fails where the offsets of the chunks do not join. */
export const collect = async (events: AsyncIterable<OutputEvent>): Promise<Collected> => {
  const all: Buffer[] = [];
  const streams: Buffer[] = [];
  const of: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  let next: number | null = null;
  let exit: ExecState | null = null;
  for await (const event of events) {
    if (event.type === 'exit') exit = event.exec;
    else if (event.type === 'gap') next = event.to;
    else {
      if (next !== null && event.seq !== next) throw new Error(`expected offset ${next}, got ${event.seq}`);
      next = event.seq + event.data.byteLength;
      const data = Buffer.from(event.data);
      all.push(data);
      streams.push(Buffer.alloc(data.byteLength, event.stream === 'stdout' ? 'o' : 'e'));
      of[event.stream].push(data);
    }
  }
  return {
    out: Buffer.concat(of.stdout),
    err: Buffer.concat(of.stderr),
    bytes: Buffer.concat(all),
    streams: Buffer.concat(streams),
    exit,
  };
};

/** Polls until `condition` holds, for half a minute at most. */
export const until = async (condition: () => Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 1_500; i++) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error('the condition did not come to hold');
};
