import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepExpired } from '#services/sweeps/expired.ts';
import { atMost, type Figure, figure } from '../support/figure.ts';
import { openSeeded, type Seeded } from '../support/many-sessions.ts';
import { median, timed } from '../support/stats.ts';

const EXPIRED = 200;
const ROUNDS = 15;

/** Reads for each expired session, and milliseconds, of one sweep. */
const sweepOnce = async ({ deps, counter, addExpired }: Seeded): Promise<{ reads: number; ms: number }> => {
  await addExpired(EXPIRED);
  counter.taken();
  const ms = await timed(async () => {
    const { expired } = await sweepExpired(deps);
    if (expired !== EXPIRED) throw new Error(`the sweep ended ${expired} sessions of ${EXPIRED}`);
  });
  return { reads: counter.taken() / EXPIRED, ms };
};

interface Measured {
  readonly reads: number;
  readonly ms: number;
}

/** Sweeps over a small and a large store by turns, so that both meet the same machine. */
const measure = async (dir: string, few: number, many: number): Promise<{ small: Measured; large: Measured }> => {
  const stores = [await openSeeded(join(dir, 'few'), few), await openSeeded(join(dir, 'many'), many)] as const;
  const rounds: [Measured, Measured][] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const both: [Measured, Measured] = [await sweepOnce(stores[0]), await sweepOnce(stores[1])];
    if (round >= 0) rounds.push(both);
  }
  for (const store of stores) await store.close();
  const summed = (of: 0 | 1): Measured => ({
    reads: Math.max(...rounds.map((round) => round[of].reads)),
    ms: median(rounds.map((round) => round[of].ms)),
  });
  return { small: summed(0), large: summed(1) };
};

/** What the sweep costs does not grow with the sessions that there are: services and SQLite, in the bench's process. */
export const sweep = async (quick: boolean): Promise<Figure[]> => {
  const [few, many] = [10_000, quick ? 100_000 : 1_000_000];
  const dir = await mkdtemp(join(tmpdir(), 'onmemos-bench-'));
  const { small, large } = await measure(dir, few, many).finally(() => rm(dir, { recursive: true, force: true }));
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
