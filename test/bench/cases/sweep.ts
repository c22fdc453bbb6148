import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepExpired } from '#services/system/sweep-expired.ts';
import { atMost, type Figure, figure } from '../support/figure.ts';
import { openSeeded } from '../support/many-sessions.ts';
import { median, timed } from '../support/stats.ts';

const EXPIRED = 200;
const ROUNDS = 7;

/** One sweep over a store of so many sessions, of which a few have expired. */
const measure = async (count: number): Promise<{ reads: number; ms: number }> => {
  const dir = await mkdtemp(join(tmpdir(), 'onmemos-bench-'));
  try {
    const { deps, counter, addExpired, close } = await openSeeded(dir, count);
    const reads: number[] = [];
    const times: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      await addExpired(EXPIRED);
      counter.taken();
      const ms = await timed(async () => {
        const { expired } = await sweepExpired(deps);
        if (expired !== EXPIRED) throw new Error(`the sweep ended ${expired} sessions of ${EXPIRED}`);
      });
      if (round >= 0) {
        reads.push(counter.taken() / EXPIRED);
        times.push(ms);
      }
    }
    await close();
    return { reads: Math.max(...reads), ms: median(times) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

/** What the sweep costs does not grow with the sessions that there are: services and SQLite, in the bench's process. */
export const sweep = async (quick: boolean): Promise<Figure[]> => {
  const [few, many] = [10_000, quick ? 100_000 : 1_000_000];
  const small = await measure(few);
  const large = await measure(many);
  const what = `a sweep that ends ${EXPIRED} of ${many} sessions`;
  return [
    figure('sweep.reads', `documents read for each session that expired, of ${many}`, large.reads, 'reads', {
      goal: atMost(1.2),
      floor: 1,
    }),
    figure('sweep.time', `${what}; floor: of ${few}`, large.ms, 'ms', { floor: small.ms }),
    figure('sweep.ratio', 'the time over its floor', large.ms / small.ms, 'x', { goal: atMost(1.3), floor: 1 }),
  ];
};
