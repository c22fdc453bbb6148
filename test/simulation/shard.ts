import { describe, expect, it } from 'vitest';
import { addTo, printed, say, unmet } from './report.ts';
import { runSchedule } from './schedule.ts';

/** The number of files, which Vitest runs in parallel, and of schedules in each. */
const SHARDS = 4;
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 1000) / SHARDS;
/** The first seed: another number gives other schedules. */
const FIRST = Number(process.env['FIRST_SEED'] ?? 1);
const AT_ONCE = 50;

const asked = process.env['SEED'];

/**
 * Events that must occur in every few hundred schedules, because the simulation says nothing about events that do not
 * occur.
 */
const EXPECTED = [
  'answers ok',
  'answers problem',
  'answers unknown',
  'clock steps',
  'crashes',
  'data removed',
  'ends budget_exceeded',
  'ends expired',
  'ends force_deleted',
  'ends provider_refused',
  'ends start_timeout',
  'ends user_requested',
  'ends workspace_deleted',
  'exact bills',
  'mounts gcs bucket on cloud_run',
  'mounts gcs bucket on gke',
  'mounts gcs volume on cloud_run',
  'mounts pvc volume on gke',
  'records pruned',
  'records released',
  'bills taken back',
  'resources expired',
  'resources remade',
  'resources vanished',
  'storage removed',
  'sums kept',
  'months with what has no price',
  'notices budget.threshold',
  'tasks duplicated',
  'tasks lost',
  'to failed',
  'to terminated',
];

const replay = (seed: number): void => {
  it(`replays seed ${seed}`, async () => {
    printed(await runSchedule(seed, true));
  });
};

const runAll = (shard: number): void => {
  const first = FIRST + shard * SCHEDULES;
  const counts = new Map<string, number>();
  for (let from = first; from < first + SCHEDULES; from += AT_ONCE) {
    const last = Math.min(from + AT_ONCE, first + SCHEDULES) - 1;
    it(`seeds ${from} to ${last}: no leak, no overshoot, an exact ledger`, async () => {
      for (let seed = from; seed <= last; seed++) {
        const outcome = await runSchedule(seed);
        if (outcome.failure !== null) throw new Error(say(outcome, 'test/simulation'), { cause: outcome.failure });
        addTo(counts, outcome);
        // Vitest's messages need the machine's event loop, which virtual time never enters.
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
  }
  it.runIf(SCHEDULES >= 250)('meets everything that it is to hold against', () => {
    expect(unmet(counts, EXPECTED)).toEqual([]);
  });
  it('does the same again for the same seed', async () => {
    const [once, again] = [await runSchedule(first, true), await runSchedule(first, true)];
    expect(again.lines()).toEqual(once.lines());
    const other = await runSchedule(first + 1, true);
    expect(other.lines()).not.toEqual(once.lines());
  });
};

/** One file's share of the schedules. With `SEED` set, the first file replays that schedule and the others run none. */
export const simulate = (shard: number): void => {
  describe(`simulation, part ${shard + 1} of ${SHARDS}`, () => {
    if (asked === undefined) runAll(shard);
    else if (shard === 0) replay(Number(asked));
    else it.runIf(false)(`nothing runs here: SEED=${asked} is replayed by part 1`, () => undefined);
  });
};
