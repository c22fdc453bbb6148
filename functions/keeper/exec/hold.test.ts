import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { SENT_KEPT_BYTES } from '#platform/protocol/bounds.ts';
import type { Clock } from '#ports/clock.ts';
import { ExecLog } from './exec-log.ts';

const MIB = 1024 * 1024;
const WAIT_MS = 60_000;

/** A clock whose timers run when they are told to. */
const handClock = () => {
  const timers = new Set<{ readonly ms: number; readonly run: () => void }>();
  const clock: Clock = {
    ...systemClock,
    timer: (ms, run) => {
      const timer = { ms, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
  };
  const elapse = () => {
    for (const timer of [...timers]) {
      timers.delete(timer);
      timer.run();
    }
  };
  return { clock, elapse, waits: () => [...timers].map(({ ms }) => ms) };
};

describe('a log that is held', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'onmemos-hold-'));
  });
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.remove()));
    await rm(dir, { recursive: true, force: true });
  });
  const logs: ExecLog[] = [];

  const held = (limit_bytes = 4 * MIB) => {
    const hand = handClock();
    const log = new ExecLog({
      path: join(dir, 'log'),
      limit_bytes,
      clock: hand.clock,
      hold: { wait_ms: WAIT_MS },
      failed: (error) => {
        throw error;
      },
    });
    logs.push(log);
    const write = async (bytes: number): Promise<void> => {
      for (let left = bytes; left > 0; left -= MIB) log.append(0, Buffer.alloc(Math.min(left, MIB), 1));
      await log.settled();
    };
    return { ...hand, log, write };
  };
  /** Whether the command may write. */
  const relieved = async (log: ExecLog): Promise<boolean> => {
    let done = false;
    void log.relieved().then(() => {
      done = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    return done;
  };

  it('stops its command where it is full, and drops nothing', async () => {
    const { log, write, waits } = held();
    await write(3 * MIB);
    expect([log.congested, waits()]).toEqual([false, []]);
    await write(2 * MIB);
    expect([log.congested, log.first, log.missingFrom, waits()]).toEqual([true, 0, null, [WAIT_MS]]);
    expect(await relieved(log)).toBe(false);
  });

  it('goes on as its reader is sent more', async () => {
    const { log, write, waits } = held();
    const reading = log.hold('r', 0);
    await write(5 * MIB);
    expect([log.congested, waits()]).toEqual([true, []]);
    const relief = relieved(log);
    reading?.sent(2 * MIB);
    expect([await relief, log.congested]).toEqual([true, false]);
  });

  it('keeps what its reader has not been sent, and some of what it has', async () => {
    const { log, write } = held();
    const reading = log.hold('r', 0);
    const total = SENT_KEPT_BYTES + 12 * MIB;
    for (let written = 0; written < total; written += 2 * MIB) {
      await write(2 * MIB);
      reading?.sent(written + 2 * MIB);
    }
    await write(3 * MIB);
    expect(log.first).toBeGreaterThan(0);
    expect(log.first).toBeLessThanOrEqual(total - SENT_KEPT_BYTES);
    expect(log.next - log.first).toBeLessThan(SENT_KEPT_BYTES + 8 * MIB);
    expect(log.missingFrom).toBeNull();
  });

  it('is held by the first that asks for it from byte 0, and by no other', async () => {
    const { log, write } = held();
    await write(MIB);
    expect(log.hold('late', MIB)).toBeNull();
    expect(log.hold('first', 0)).not.toBeNull();
    expect(log.hold('second', 0)).toBeNull();
    expect(log.hold('first', 12)).not.toBeNull();
  });

  it('waits for a reader that left, which comes back under its id', async () => {
    const { log, write, waits } = held();
    log.hold('r', 0)?.end();
    expect(waits()).toEqual([WAIT_MS]);
    expect(log.hold('other', 0)).toBeNull();
    await write(5 * MIB);
    const again = log.hold('r', 0);
    expect([again !== null, waits(), log.congested]).toEqual([true, [], true]);
    again?.sent(5 * MIB);
    expect(log.congested).toBe(false);
  });

  it('belongs to the newest connection of its reader', async () => {
    const { log, write, waits } = held();
    const first = log.hold('r', 0);
    await write(5 * MIB);
    first?.sent(5 * MIB);
    const second = log.hold('r', MIB);
    // What the first one was sent behind this offset was lost with its connection.
    expect(log.congested).toBe(true);
    first?.sent(9 * MIB);
    first?.end();
    expect([log.congested, waits()]).toEqual([true, []]);
    second?.sent(5 * MIB);
    expect(log.congested).toBe(false);
  });

  it.each(['no reader has come', 'its reader has left'])(
    'drops the oldest once it has waited where %s',
    async (why) => {
      const { log, write, elapse } = held();
      if (why !== 'no reader has come') {
        const reading = log.hold('r', 0);
        await write(2 * MIB);
        reading?.sent(MIB + 7);
        reading?.end();
      }
      await write(6 * MIB);
      const relief = relieved(log);
      elapse();
      expect([await relief, log.congested]).toEqual([true, false]);
      await write(20 * MIB);
      expect(log.next - log.first).toBeLessThan(5 * MIB);
      expect(log.missingFrom).toBe(why === 'no reader has come' ? 0 : MIB + 7);
      // It is too late.
      expect(log.hold('r', 0)).toBeNull();
    },
  );

  it('that ends makes nothing wait, and keeps what it holds for a reader that is away', async () => {
    const { log, write, waits, elapse } = held();
    const reading = log.hold('r', 0);
    await write(3 * MIB);
    reading?.sent(MIB);
    reading?.end();
    await write(3 * MIB);
    log.end();
    expect([log.congested, log.first, waits()]).toEqual([false, 0, [WAIT_MS]]);
    expect(log.hold('r', MIB)).not.toBeNull();
    log.hold('r', MIB)?.end();
    elapse();
    expect(log.next - log.first).toBeLessThan(5 * MIB);
    expect(log.hold('r', MIB)).toBeNull();
  });

  it('that ends keeps all for a reader that still reads, and some of what it was sent', async () => {
    const { log, write } = held();
    const reading = log.hold('r', 0);
    await write(6 * MIB);
    log.end();
    reading?.sent(MIB);
    reading?.sent(6 * MIB);
    expect([log.first, log.missingFrom]).toEqual([0, null]);
    reading?.end();
    expect(log.hold('r', 2 * MIB)).not.toBeNull();
  });

  it('is not held unless that was said at the start', async () => {
    const log = new ExecLog({
      path: join(dir, 'plain'),
      limit_bytes: MIB,
      clock: systemClock,
      failed: () => undefined,
    });
    logs.push(log);
    expect(log.hold('r', 0)).toBeNull();
    for (let n = 0; n < 4; n++) log.append(0, Buffer.alloc(MIB));
    await log.settled();
    expect([log.congested, log.missingFrom]).toEqual([false, 0]);
    expect(log.first).toBeGreaterThan(0);
  });
});
