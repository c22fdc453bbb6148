import { describe, expect, it } from 'vitest';
import { HOLD_WAIT_MS } from '#platform/protocol/bounds.ts';
import { systemClock } from '#platform/clock.ts';
import type { Clock } from '#ports/clock.ts';
import { OpenFiles } from './open-files.ts';
import type { Sandbox, SandboxSpec } from './sandbox/types.ts';
import { Session, type SessionContext } from './session.ts';
import { UsageMeter } from './usage-meter.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };

const spec: SandboxSpec = {
  key: 's',
  session_id: 's',
  cpu_millis: 1,
  memory_mb: 1,
  pids: 1,
  disk_mb: 1,
  workspace_dir: null,
  buckets: [],
  network: 'default',
  python: false,
};

/** A clock that only goes where the test moves it. */
const handClock = () => {
  let now = 1_000_000;
  let elapsed = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const clock: Clock = {
    now: () => now,
    monotonic: () => elapsed,
    sleep: async () => {},
    timer: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
  };
  /** The wall clock jumps; timers, which count elapsed time, fire only when `elapse` says so. */
  const jump = (ms: number) => {
    now += ms;
  };
  const elapse = (ms = 0) => {
    now += ms;
    elapsed += ms;
    for (const timer of [...timers]) {
      timers.delete(timer);
      timer.run();
    }
  };
  return { clock, jump, elapse };
};

const sandbox = (given: Partial<Sandbox> = {}): Sandbox => ({
  key: 's',
  session_id: 's',
  started_at: 1_000_000,
  log_dir: '/nonexistent',
  details: {},
  spawn: async () => {
    throw new Error('not part of this test');
  },
  usage: async () => ({ cpu_ms: null, memory_mb: null, memory_limit_mb: null, disk_mb: null, processes: null }),
  ended: new Promise(() => {}),
  destroy: async () => {},
  ...given,
});

const begin = (clock: Clock, at: number, made: Sandbox, started: SessionContext['started'] = async () => {}) =>
  new Session(
    spec,
    { at, generation: 2 },
    {
      clock,
      log: silent,
      hold_wait_ms: HOLD_WAIT_MS,
      files: new OpenFiles(),
      host: { create: async () => made },
      started,
      ended: async () => {},
    },
  );

describe('Session', () => {
  it('runs for nobody before its start is on record', async () => {
    const { clock } = handClock();
    const recorded = Promise.withResolvers<void>();
    const told: number[] = [];
    const session = begin(clock, 5_000_000, sandbox({ started_at: 7 }), (_, started_at) => {
      told.push(started_at);
      return recorded.promise;
    });
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect({ told, started_at: session.started_at }).toEqual({ told: [7], started_at: null });
    recorded.resolve();
    await session.started;
    expect(session.started_at).toBe(7);
  });

  it('ends, sandbox and all, where its start can’t be recorded', async () => {
    const { clock } = handClock();
    const graces: number[] = [];
    const made = sandbox({
      destroy: async (grace_ms) => {
        graces.push(grace_ms);
      },
    });
    const session = begin(clock, 5_000_000, made, () => Promise.reject(new Error('the disk is full')));
    await expect(session.started).rejects.toThrow('the disk is full');
    await session.ended;
    expect(graces).toEqual([0]);
    expect(session).toMatchObject({ started_at: null, end_cause: { reason: 'provider_failed' } });
  });

  it('ends at its deadline when the wall clock jumps past it', async () => {
    const { clock, jump, elapse } = handClock();
    const session = begin(clock, 1_000_000 + 3_600_000, sandbox());
    await session.started;
    elapse();
    expect(session.end_cause).toBeNull();
    jump(3_600_000);
    elapse();
    await session.ended;
    expect(session.end_cause?.reason).toBe('expired');
  });

  it('ends after its time when the wall clock is set back, also if it is told its deadline again', async () => {
    const { clock, jump, elapse } = handClock();
    const deadline = 1_000_000 + 60_000;
    const session = begin(clock, deadline, sandbox());
    await session.started;
    jump(-150_000);
    session.setDeadline({ at: deadline, generation: 2 });
    elapse(59_999);
    expect(session.end_cause).toBeNull();
    elapse(1);
    await session.ended;
    expect(session.end_cause?.reason).toBe('expired');
  });

  it('takes a new deadline by the wall clock as it is then', async () => {
    const { clock, jump, elapse } = handClock();
    const session = begin(clock, 1_000_000 + 60_000, sandbox());
    await session.started;
    jump(-150_000);
    session.setDeadline({ at: clock.now() + 90_000, generation: 3 });
    elapse(89_999);
    expect(session.end_cause).toBeNull();
    elapse(1);
    await session.ended;
  });

  it('passes over a deadline that a later one has outrun', async () => {
    const { clock, elapse } = handClock();
    const session = begin(clock, 1_000_000 + 3_600_000, sandbox());
    await session.started;
    session.setDeadline({ at: 1, generation: 1 });
    elapse();
    expect(session.end_cause).toBeNull();
    session.setDeadline({ at: 1, generation: 2 });
    await session.ended;
    expect(session.end_cause?.reason).toBe('expired');
  });

  it('tries again until its sandbox is gone, and says nothing of an end before', async () => {
    let tries = 0;
    const destroy = async () => {
      tries++;
      if (tries < 4) throw new Error('busy');
    };
    const session = begin(handClock().clock, 9e12, sandbox({ destroy }));
    await session.started;
    await Promise.all([
      session.end({ reason: null, message: null }, 0),
      session.end({ reason: 'x', message: null }, 0),
    ]);
    expect(tries).toBe(4);
    expect(session.end_cause?.reason).toBeNull();
    expect(session.ended_at).not.toBeNull();
  });

  it('ends with the reason of its sandbox', async () => {
    const ended = Promise.resolve({ reason: 'memory_limit', message: 'too much' });
    const session = begin(handClock().clock, 9e12, sandbox({ ended }));
    await session.ended;
    expect(session.end_cause).toEqual({ reason: 'memory_limit', message: 'too much' });
  });

  it('passes a shorter grace on while it is ending', async () => {
    const graces: number[] = [];
    const gone = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const destroy = (grace_ms: number) => {
      graces.push(grace_ms);
      asked.resolve();
      if (grace_ms === 0) gone.resolve();
      return gone.promise;
    };
    const session = begin(handClock().clock, 9e12, sandbox({ destroy }));
    await session.started;
    const first = session.end({ reason: null, message: null }, 10_000);
    await asked.promise;
    await session.end({ reason: null, message: null }, 0);
    await first;
    expect(graces).toEqual([10_000, 0]);
  });
});

describe('UsageMeter', () => {
  it('measures CPU between two samples', async () => {
    let cpu_ms = 0;
    let now = 0;
    const clock: Clock = {
      ...systemClock,
      monotonic: () => now,
      sleep: async (ms) => {
        now += ms;
        cpu_ms += ms / 2;
      },
    };
    const usage = async () => ({ cpu_ms, memory_mb: 10, memory_limit_mb: 20, disk_mb: 3, processes: 4 });
    const meter = new UsageMeter({ usage }, clock);
    expect(await meter.measure()).toEqual({
      cpu_percent: 50,
      memory_mb: 10,
      memory_limit_mb: 20,
      disk_mb: 3,
      processes: 4,
    });
    now += 1_000;
    cpu_ms += 2_000;
    expect((await meter.measure()).cpu_percent).toBe(200);
  });
});
