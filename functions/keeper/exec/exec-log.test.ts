import { mkdtemp, readdir, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { ExecLog } from './exec-log.ts';
import { type LogEvent, readLog } from './log-reader.ts';
import type { StreamNumber } from './run-index.ts';

const MIB = 1024 * 1024;

describe('ExecLog', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'onmemos-log-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const openLog = (given: { path?: string; limit_bytes?: number } = {}) => {
    const failures: unknown[] = [];
    const log = new ExecLog({
      path: join(dir, 'log'),
      limit_bytes: 4 * MIB,
      clock: systemClock,
      failed: (error) => failures.push(error),
      ...given,
    });
    return { log, failures };
  };
  const collect = async (read: AsyncIterable<LogEvent>): Promise<LogEvent[]> => {
    const events: LogEvent[] = [];
    for await (const event of read) events.push(event);
    return events;
  };
  const all = (log: ExecLog, from: number, follow = false) => collect(readLog(log, from, { follow }));
  /** The bytes, and for each byte its stream. */
  const joined = (events: readonly LogEvent[]) => {
    const chunks = events.flatMap((event) => (event.type === 'chunk' ? [event] : []));
    return {
      bytes: Buffer.concat(chunks.map(({ data }) => data)),
      streams: chunks.map(({ data, stream }) => (stream === 'stdout' ? '0' : '1').repeat(data.byteLength)).join(''),
    };
  };

  it('gives back what was appended, from memory, from disk, and while it is written', async () => {
    const write = fc.record({
      stream: fc.constantFrom<StreamNumber>(0, 1),
      length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70_000 })),
    });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 40 }), fc.nat(), async (writes, start) => {
        n++;
        const { log } = openLog({ path: join(dir, `log${n}`), limit_bytes: MIB * 64 });
        const live = all(log, 0, true);
        let bytes = Buffer.alloc(0);
        let streams = '';
        for (const [i, { stream, length }] of writes.entries()) {
          const data = Buffer.alloc(length, i + 1);
          bytes = Buffer.concat([bytes, data]);
          streams += String(stream).repeat(length);
          log.append(stream, data);
          if (i % 7 === 0) await log.relieved();
        }
        const from = start % bytes.byteLength;
        const expected = { bytes: bytes.subarray(from), streams: streams.slice(from) };
        expect(joined(await all(log, from))).toEqual(expected);
        log.end();
        expect(joined(await live)).toEqual({ bytes, streams });
        expect(joined(await all(log, from))).toEqual(expected);
        await log.remove();
      }),
      { numRuns: 40 },
    );
  });

  it('keeps at least its limit, drops the oldest, and says so by one gap', async () => {
    const { log } = openLog({ limit_bytes: MIB });
    for (let i = 0; i < 80; i++) log.append(0, Buffer.alloc(64 * 1024, i));
    log.end();
    expect(log.next).toBe(5 * MIB);
    expect(log.next - log.first).toBeGreaterThanOrEqual(MIB);
    expect(log.next - log.first).toBeLessThanOrEqual(MIB + 128 * 1024);
    const events = await all(log, 5);
    expect(events[0]).toEqual({ type: 'gap', from: 5, to: log.first });
    expect(joined(events).bytes.byteLength).toBe(log.next - log.first);
  });

  it('holds a single-byte alternation in bounded memory, with its index on disk', async () => {
    const { log } = openLog({ limit_bytes: 64 * MIB });
    for (let i = 0; i < 600_000; i++) {
      log.append((i % 2) as StreamNumber, Buffer.from([i & 0xff]));
      if (log.congested) await log.relieved();
    }
    log.end();
    await log.settled();
    let runs = 0;
    for await (const event of readLog(log, 0)) if (event.type === 'chunk' && event.data.byteLength === 1) runs++;
    expect(runs).toBe(600_000);
    const names = await readdir(dir);
    expect(names.filter((name) => name.endsWith('.runs')).length).toBeGreaterThanOrEqual(2);
    for (const name of names) expect((await stat(join(dir, name))).size).toBeLessThan(MIB);
  });

  it('is read by many at once, and a reader that waits holds no descriptor', async () => {
    const { log } = openLog({ limit_bytes: 16 * MIB });
    const bytes = Buffer.from(Array.from({ length: 2 * MIB }, (_, i) => i % 251));
    log.append(0, bytes);
    log.end();
    await log.settled();
    const descriptors = async () => {
      const names = await readdir('/proc/self/fd');
      const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
      return targets.filter((target) => target.startsWith(dir)).length;
    };
    const readers = Array.from({ length: 60 }, () => readLog(log, 0));
    const first = await Promise.all(readers.map((reader) => reader.next()));
    await expect.poll(descriptors).toBe(0);
    const rest = await Promise.all(readers.map(collect));
    const whole = first.map(({ value }, i) => joined([...(value ? [value] : []), ...(rest[i] ?? [])]).bytes);
    expect(whole.every((read) => read.equals(bytes))).toBe(true);
  });

  it('is read in smaller blocks the more readers there are, so that those that wait hold little memory', async () => {
    const { log } = openLog({ limit_bytes: 16 * MIB });
    log.append(0, Buffer.alloc(3 * MIB));
    log.end();
    await log.settled();
    const longest = async () =>
      Math.max(...(await all(log, 0)).map((event) => (event.type === 'chunk' ? event.data.byteLength : 0)));
    expect(await longest()).toBe(256 * 1024);
    const waiting = Array.from({ length: 511 }, () => readLog(log, 0));
    for (const reader of waiting) await reader.next();
    expect(await longest()).toBe(64 * 1024);
    for (const reader of waiting) await reader.return(undefined);
    expect(await longest()).toBe(256 * 1024);
  });

  it('deletes everything', async () => {
    const { log } = openLog();
    for (let i = 0; i < 100; i++) log.append((i % 2) as StreamNumber, Buffer.alloc(100_000));
    const follower = all(log, 0, true);
    await log.remove();
    expect(await readdir(dir)).toEqual([]);
    await follower;
    expect(await all(log, 0, true)).toEqual([{ type: 'gap', from: 0, to: 10_000_000 }]);
  });

  it('goes on over a disk that refuses, and shows a gap', async () => {
    const { log, failures } = openLog({ path: join(dir, 'missing', 'log') });
    log.append(0, Buffer.alloc(2 * MIB, 1));
    log.end();
    await log.settled();
    expect(failures).toHaveLength(1);
    expect(await all(log, 0)).toEqual([{ type: 'gap', from: 0, to: 2 * MIB }]);
  });
});
