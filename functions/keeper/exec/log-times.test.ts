import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import type { OutputChunk } from '#ports/exec.ts';
import { ExecLog } from './exec-log.ts';
import { type LogEvent, readLog } from './log-reader.ts';
import { offsetAt } from './offset-at.ts';

const MIB = 1024 * 1024;
const BEGIN = 1_795_000_000_000;

describe('the times of a log', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'onmemos-times-'));
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((log) => log.remove()));
    await rm(dir, { recursive: true, force: true });
  });

  let logs = 0;
  const opened: ExecLog[] = [];
  const timedLog = (limit_bytes = 4 * MIB) => {
    const time = { now: BEGIN };
    const path = join(dir, `log${++logs}`);
    const clock = { ...systemClock, now: () => time.now };
    const log = new ExecLog({ path, limit_bytes, clock, failed: () => undefined });
    opened.push(log);
    return { log, time };
  };
  const eventsOf = async (log: ExecLog, from = 0): Promise<LogEvent[]> => {
    const events: LogEvent[] = [];
    for await (const event of readLog(log, from, { follow: false })) events.push(event);
    return events;
  };
  const chunksOf = async (log: ExecLog, from = 0): Promise<OutputChunk[]> =>
    (await eventsOf(log, from)).flatMap((event) => (event.type === 'chunk' ? [event] : []));
  /** The chunks of one run as one: a follower is given its bytes in the pieces in which they came. */
  const runsOf = async (log: ExecLog, from = 0): Promise<OutputChunk[]> => {
    const runs: OutputChunk[] = [];
    for (const chunk of await chunksOf(log, from)) {
      const last = runs.at(-1);
      if (last?.stream === chunk.stream && last.time === chunk.time)
        runs.splice(-1, 1, { ...last, data: Buffer.concat([last.data, chunk.data]) });
      else runs.push(chunk);
    }
    return runs;
  };
  const shown = ({ seq, stream, time, data }: OutputChunk) => [seq, stream, (time ?? 0) - BEGIN, String(data)];

  it('are those of the first byte of each run, from memory and from disk', async () => {
    const { log, time } = timedLog();
    const print = (at: number, stream: 0 | 1, text: string): void => {
      time.now = BEGIN + at;
      log.append(stream, Buffer.from(text));
    };
    print(0, 0, 'a');
    print(50, 0, 'b');
    print(51, 0, 'c');
    print(60, 1, 'd');
    print(60, 0, 'e');
    print(3_600_000, 0, 'f');
    const all = [
      [0, 'stdout', 0, 'ab'],
      [2, 'stdout', 51, 'c'],
      [3, 'stderr', 60, 'd'],
      [4, 'stdout', 60, 'e'],
      [5, 'stdout', 3_600_000, 'f'],
    ];
    expect((await runsOf(log)).map(shown)).toEqual(all);
    log.end();
    await log.settled();
    expect((await runsOf(log)).map(shown)).toEqual(all);
    expect((await runsOf(log, 1)).map(shown)).toEqual([[1, 'stdout', 0, 'b'], ...all.slice(1)]);
  });

  it('never go back, whatever the clock does', async () => {
    const { log, time } = timedLog();
    for (const [at, stream] of [
      [100, 0],
      [0, 0],
      [50, 1],
      [99, 1],
      [170, 1],
    ] as const) {
      time.now = BEGIN + at;
      log.append(stream, Buffer.from('x'));
    }
    expect((await runsOf(log)).map(shown)).toEqual([
      [0, 'stdout', 100, 'xx'],
      [2, 'stderr', 100, 'xx'],
      [4, 'stderr', 170, 'x'],
    ]);
  });

  it('do not split what is printed at once', async () => {
    const { log } = timedLog();
    for (let i = 0; i < 100; i++) log.append(0, Buffer.alloc(1000, i));
    log.end();
    await log.settled();
    expect(await chunksOf(log)).toHaveLength(2);
  });

  it('find the offset from which all is of a time or later, in any segment, by memory and by file', async () => {
    // At the smallest size of a segment, and with steps of time from run to run.
    const write = fc.record({
      stream: fc.constantFrom<0 | 1>(0, 1),
      length: fc.integer({ min: 1, max: 30_000 }),
      pause: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.boolean(),
        async (writes, which, ended) => {
          const { log, time } = timedLog(MIB);
          for (const { stream, length, pause } of writes) {
            time.now += pause;
            log.append(stream, Buffer.alloc(length));
          }
          if (ended) {
            log.end();
            await log.settled();
          }
          const chunks = await chunksOf(log);
          const wanted = BEGIN + (which % (time.now - BEGIN + 2));
          const first = chunks.find((chunk) => (chunk.time ?? 0) >= wanted);
          expect(await offsetAt(log, wanted)).toBe(first?.seq ?? log.next);
          await log.remove();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('say 0 where no kept byte is earlier, so that a reader is told what was dropped', async () => {
    const { log, time } = timedLog(MIB);
    for (let i = 0; i < 40; i++) {
      log.append(0, Buffer.alloc(64 * 1024));
      time.now += 1000;
    }
    expect(log.first).toBeGreaterThan(0);
    const [gap, oldest] = await eventsOf(log);
    expect(gap).toEqual({ type: 'gap', from: 0, to: log.first });
    const { time: kept } = oldest as OutputChunk;
    expect(await offsetAt(log, BEGIN)).toBe(0);
    expect(await offsetAt(log, kept ?? 0)).toBe(0);
    expect(await offsetAt(log, (kept ?? 0) + 1)).toBe(log.first + 64 * 1024);
    expect(await offsetAt(log, time.now)).toBe(log.next);
  });

  it('of a command that prints a line a second for days fill no memory', async () => {
    const { log, time } = timedLog();
    for (let i = 0; i < 3 * 86_400; i++) {
      log.append(0, Buffer.from('tick\n'));
      time.now += 1000;
      if (log.congested) await log.relieved();
    }
    await log.settled();
    // All but the last segment have their index in a file, for some 20,000 lines each.
    const files = (await readdir(dir)).filter((name) => name.endsWith('.runs'));
    expect(files.length).toBeGreaterThanOrEqual(10);
    const noon = BEGIN + 36 * 3_600_000;
    const [first] = await chunksOf(log, await offsetAt(log, noon));
    expect(shown(first as OutputChunk)).toEqual([5 * 36 * 3600, 'stdout', 36 * 3_600_000, 'tick\n']);
  });
});
