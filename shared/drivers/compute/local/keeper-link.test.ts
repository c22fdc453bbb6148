import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { CallError } from '#platform/protocol/call-error.ts';
import { connectFrames } from '#platform/protocol/client.ts';
import type { Header } from '#platform/protocol/frames.ts';
import { serveExec } from '#platform/protocol/serve.ts';
import { SessionGone } from '#ports/compute.ts';
import { ExecError } from '#ports/exec.ts';
import { KeeperLink } from './keeper-link.ts';

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
  return new KeeperLink({ clock: systemClock, log: silent, connect });
};

const noOperation: Call = async (op) => {
  throw new CallError('no_such_op', `there is no operation ${op} here`);
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
});
