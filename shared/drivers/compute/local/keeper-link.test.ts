import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { CallError } from '#platform/protocol/call-error.ts';
import { connectFrames } from '#platform/protocol/client.ts';
import type { Header } from '#platform/protocol/frames.ts';
import { serveExec } from '#platform/protocol/serve.ts';
import type { Clock } from '#ports/clock.ts';
import { ComputeUnavailable, SessionGone } from '#ports/compute.ts';
import { type ExecChannel, ExecError, type ExecState } from '#ports/exec.ts';
import { KeeperHangs } from './keeper-hangs.ts';
import { KeeperLink } from './keeper-link.ts';

/** What waits for seconds waits for hundredths of them. */
const fast: Clock = { ...systemClock, timer: (ms, run) => systemClock.timer(ms / 100, run) };
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };

type Call = (op: string, params: Header) => Promise<unknown>;

/** A link to a keeper that does this for control, and this for a session. */
const linked = (control: Call, session: Call, open: (session: string) => void = () => {}) => {
  const connect = (name?: string) => {
    const [near, far] = duplexPair();
    serveExec(far, {
      open: async () => {
        if (name !== undefined) open(name);
        return { channel: null, call: name === undefined ? control : session };
      },
    });
    return connectFrames(near, { keepalive_ms: 0, ...(name === undefined ? {} : { session: name }) });
  };
  return new KeeperLink({ clock: fast, log: silent, connect, hangs: async () => new KeeperHangs('pid 7 is stopped') });
};

const noOperation: Call = async (op) => {
  throw new CallError('no_such_op', `there is no operation ${op} here`);
};
const exec: ExecState = {
  ...{ exec_id: 'e', status: 'exited', exit_code: 0, signal: null, signal_number: null, timed_out: false },
  ...{
    next_offset: 0,
    first_offset: 0,
    missing_from: null,
    end_offset: 0,
    stdin_offset: 0,
    started_at: 1,
    ended_at: 2,
  },
};
const usage = { cpu_percent: 1, memory_mb: 2, memory_limit_mb: 3, disk_mb: 4, processes: 5 };

describe('KeeperLink', () => {
  it('measures by the session’s connection, and by control where an older keeper knows nothing of it', async () => {
    const asked: unknown[] = [];
    const control: Call = async (op, { key }) => {
      asked.push([op, key]);
      return usage;
    };
    const now = linked(control, async (op) => ({ ...usage, processes: op === 'usage' ? 6 : 0 }));
    expect(await (await now.exec('s')).usage()).toEqual({ ...usage, processes: 6 });
    expect(asked).toEqual([]);
    const before = linked(control, async (op) => {
      throw new ExecError('invalid', `there is no operation ${op} here`);
    });
    expect(await (await before.exec('s')).usage()).toEqual(usage);
    expect(asked).toEqual([['usage', 's']]);
    now.close();
    before.close();
  });

  it('tells a session that is gone from one that another keeper has', async () => {
    const link = linked(noOperation, noOperation, (session) => {
      if (session === 'gone') throw new ExecError('no_such_session', 'it has ended');
      throw new CallError('other_keeper', 'it goes on until its time is up');
    });
    await expect(link.exec('gone')).rejects.toBeInstanceOf(SessionGone);
    const elsewhere = { name: 'ExecError', code: 'unavailable', message: 'it goes on until its time is up' };
    await expect(link.exec('elsewhere')).rejects.toMatchObject(elsewhere);
    link.close();
  });

  it('lets nobody wait for a keeper that hangs, and goes on when the keeper does', async () => {
    const pipes: Duplex[] = [];
    const connect = (name?: string) => {
      const [near, far] = duplexPair();
      serveExec(far, {
        open: async () => ({ channel: name === undefined ? null : channel, call: async () => 0 }),
      });
      pipes.push(near);
      return connectFrames(near, { keepalive_ms: 0, ...(name === undefined ? {} : { session: name }) });
    };
    const ended = Promise.withResolvers<void>();
    const channel = {
      wait: async () => {
        await ended.promise;
        return exec;
      },
      get: async () => exec,
    } as unknown as ExecChannel;
    const link = new KeeperLink({ clock: fast, log: silent, connect, hangs: async () => new KeeperHangs('pid 7') });
    const execs = await link.exec('s');
    const waiting = execs.wait('e');
    // The other side answers nothing from here on: what arrives is not read.
    for (const pipe of pipes) pipe.pause();
    const told = { name: 'ExecError', code: 'unavailable', message: 'pid 7' };
    await expect(waiting).rejects.toMatchObject(told);
    await expect(execs.get('e')).rejects.toMatchObject(told);
    await expect(link.exec('s')).rejects.toMatchObject(told);
    await expect(link.call('list', {})).rejects.toBeInstanceOf(KeeperHangs);
    await expect(link.call('list', {})).rejects.toBeInstanceOf(ComputeUnavailable);
    for (const pipe of pipes) pipe.resume();
    ended.resolve();
    await expect.poll(() => execs.get('e').catch(() => null)).toEqual(exec);
    expect(await link.call('list', {})).toBe(0);
    expect(pipes).toHaveLength(2);
    link.close();
  });
});
