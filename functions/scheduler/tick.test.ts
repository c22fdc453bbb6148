import { beforeEach, describe, expect, it } from 'vitest';
import { type Ideal, openIdeal } from '../../test/simulation/world/ideal.ts';
import { troubledStore } from '../../test/support/troubled-store.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { iso } from '#ports/clock.ts';
import { intents, leases, places } from '#services/model/collections.ts';
import { LEASE_MS, readLease, SKEW_MS, takeLease } from '#services/sweeps/lease.ts';
import { sweepDue } from '#services/sweeps/pages.ts';
import { type Job, JOBS } from './jobs.ts';
import { runTick, TICK_MS } from './tick.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const IDLE = { busy: false, next: null };

let ideal: Ideal;
let deps: Deps;
let heard: string[];
beforeEach(() => {
  heard = [];
  ideal = openIdeal(START, {}, heard);
  deps = ideal.deps;
});

/** A job that notes that it ran, and takes so long. */
const job = (name: string, ran: string[], work: (deps: Deps) => Promise<void> = async () => undefined): Job => ({
  name,
  every_seconds: 15,
  run: async (given) => {
    ran.push(name);
    await work(given);
    return { runs: 1 };
  },
});
const taking = (ms: number) => async () => ideal.pass(ms);

describe('two ticks', () => {
  it('run one after the other: the second of two calls at once is told that it is busy', async () => {
    const ran: string[] = [];
    const halfway = Promise.withResolvers<void>();
    const first = runTick(deps, [job('slow', ran, () => halfway.promise)]);
    await expect.poll(() => ran).toEqual(['slow']);
    ideal.reads.trips();
    expect(await runTick(deps, [job('other', ran)])).toEqual({ busy: true, jobs: {}, next: null });
    // Nothing but the lease was looked at.
    expect(ideal.reads.trips().documents).toEqual(['read leases']);
    halfway.resolve();
    expect(await first).toEqual({ ...IDLE, jobs: { slow: { runs: 1 } } });
    expect(await runTick(deps, [job('other', ran)])).toEqual({ ...IDLE, jobs: { other: { runs: 1 } } });
    expect(ran).toEqual(['slow', 'other']);
  });

  it.each([-SKEW_MS, -1, 1, SKEW_MS])(
    'do not run at once where the clock of the second differs by %i ms, and it waits for less than two minutes',
    async (by) => {
      const other = { ...deps, clock: { ...deps.clock, now: () => ideal.now() + by } };
      expect(await takeLease(deps)).not.toBeNull();
      const busy: boolean[] = [];
      for (let second = 0; second < 120; second++) {
        busy.push((await runTick(other, [job('other', [])])).busy);
        ideal.pass(1_000);
      }
      // As long as a tick takes, and a while after it.
      expect(busy.slice(0, (TICK_MS + 15_000) / 1000)).not.toContain(false);
      expect(busy).toContain(false);
    },
  );

  it('that begin in the same moment: exactly one of them runs', async () => {
    for (let round = 0; round < 20; round++) {
      const ran: string[] = [];
      const ticks = await Promise.all([1, 2, 3].map((n) => runTick(deps, [job(String(n), ran)])));
      expect(ticks.filter(({ busy }) => !busy).length).toBe(ran.length);
      expect(ran.length).toBeGreaterThan(0);
    }
  });
});

describe('a scheduler that is killed while it holds the lease', () => {
  it('keeps the others waiting for less than two minutes', async () => {
    expect(LEASE_MS).toBeGreaterThan(TICK_MS);
    // Killed: it never gives the lease back.
    expect(await takeLease(deps)).not.toBeNull();
    const ran: string[] = [];
    const busy: boolean[] = [];
    for (let second = 0; second < 120; second++) {
      busy.push((await runTick(deps, [job('due', ran)])).busy);
      ideal.pass(1_000);
    }
    expect(busy.indexOf(false)).toBe(LEASE_MS / 1000);
    expect(busy.slice(LEASE_MS / 1000)).not.toContain(true);
  });

  it('does not keep them waiting for longer because its clock was wrong', async () => {
    await takeLease({ ...deps, clock: { ...deps.clock, now: () => START + 86_400_000 } });
    expect((await runTick(deps, [job('due', [])])).busy).toBe(false);
  });

  it('that comes back to life leaves the lease to its successor', async () => {
    const frozen = Promise.withResolvers<void>();
    const late = runTick(deps, [job('frozen', [], () => frozen.promise)]);
    await expect.poll(async () => (await readLease(deps)).holder).not.toBeNull();
    ideal.pass(LEASE_MS);
    const successor = await takeLease(deps);
    expect(successor).not.toBeNull();
    frozen.resolve();
    await late;
    expect((await readLease(deps)).holder).toBe(successor?.holder);
  });
});

describe('the lease', () => {
  it('is taken by the run whose answer was lost, and by no other', async () => {
    const troubled = troubledStore(deps.store);
    troubled.trouble({ 1: 'lost after' });
    const ran: string[] = [];
    expect((await runTick({ ...deps, store: troubled.store }, [job('due', ran)])).busy).toBe(false);
    expect(ran).toEqual(['due']);
    expect((await readLease(deps)).holder).toBeNull();
  });

  it('ends by itself where it could not be given back', async () => {
    const troubled = troubledStore(deps.store);
    troubled.trouble({ 2: 'refused', 3: 'refused' });
    expect(await runTick({ ...deps, store: troubled.store }, [job('due', [])])).toMatchObject(IDLE);
    expect(heard).toEqual(['a lease was not given back; it ends by itself']);
    expect((await runTick(deps, [job('due', [])])).busy).toBe(true);
    ideal.pass(LEASE_MS);
    expect((await runTick(deps, [job('due', [])])).busy).toBe(false);
  });

  it('costs two reads and two writes a tick, whatever the jobs are', async () => {
    await runTick(deps, []);
    ideal.reads.trips();
    await runTick(deps, []);
    expect(ideal.reads.trips()).toMatchObject({ reads: 2, writes: 2, deletes: 0 });
  });
});

it('a tick that finds nothing to do costs little', async () => {
  await runTick(deps, JOBS);
  ideal.reads.trips();
  await runTick(deps, JOBS);
  expect(ideal.reads.trips()).toMatchObject({ reads: 14, writes: 2, deletes: 0 });
});

describe('a tick that meets its deadline', () => {
  const names = (ran: readonly string[]) => ran.join(' ');

  it('begins nothing new, and the next one begins with what had no time', async () => {
    const ran: string[] = [];
    const jobs = ['a', 'b', 'c', 'd'].map((name) => job(name, ran, taking(name === 'b' ? TICK_MS : 1_000)));
    expect(await runTick(deps, jobs)).toMatchObject({ busy: false, next: 'c' });
    expect(names(ran)).toBe('a b');
    ran.length = 0;
    expect(await runTick(deps, jobs)).toMatchObject({ busy: false, next: null });
    expect(names(ran)).toBe('c d a b');
    ran.length = 0;
    await runTick(deps, jobs);
    expect(names(ran)).toBe('a b');
  });

  it('gives each job its share, and what is left to those that were cut short', async () => {
    const ran: string[] = [];
    // It has always more to do.
    const endless = job('endless', ran, async (given) => {
      while (!given.run?.isOver()) ideal.pass(500);
    });
    const started = ideal.now();
    const { jobs, next } = await runTick(deps, [endless, job('quick', ran), job('last', ran)]);
    expect(ran.slice(0, 3)).toEqual(['endless', 'quick', 'last']);
    expect(jobs['quick']).toEqual({ runs: 1 });
    expect(jobs['endless']?.['runs']).toBeGreaterThan(1);
    expect(next).toBe('endless');
    const took = ideal.now() - started;
    expect(took).toBeGreaterThanOrEqual(TICK_MS);
    expect(took).toBeLessThan(LEASE_MS);
  });

  it('leaves a sweep in the middle of its pages, and resumes it there', async () => {
    for (let i = 0; i < 20; i++) {
      const id = `ses-${String(i).padStart(2, '0')}:1`;
      await deps.store.put(intents, id, {
        ...{ id, kind: 'provision', session_id: id, generation: 1, attempt: 1, last_error: null },
        ...{ created_at: iso(START), next_at: iso(START - 60_000 + i * 1_000) },
      });
    }
    const seen: string[] = [];
    const sweep: Job = {
      name: 'sweep',
      every_seconds: 15,
      run: async (given) => {
        const due = { job: 'sweep', collection: intents, field: 'next_at', until: iso(START), page: 2 } as const;
        // A page takes ten seconds, so the tick ends after five.
        const found = await sweepDue(given, due, async (docs) => {
          seen.push(...docs.map(({ id }) => id));
          ideal.pass(10_000);
        });
        return { found };
      },
    };
    expect(await runTick(deps, [sweep])).toMatchObject({ next: 'sweep' });
    // Each page but the first begins with the last of the page before.
    expect(seen.length).toBe(6);
    expect(ideal.documents.all(places).length).toBe(1);
    while ((await runTick(deps, [sweep])).next !== null);
    expect(new Set(seen).size).toBe(20);
    // A tick begins with the last that the one before it did.
    expect(seen.length).toBeLessThanOrEqual(20 + 4);
  });
});

it('runs every job of the schedule, and keeps what they said for whoever asks', async () => {
  const { jobs } = await runTick(deps, JOBS);
  expect(Object.keys(jobs)).toEqual(JOBS.map(({ name }) => name));
  expect(Object.values(jobs)).not.toContain(null);
  const [lease] = ideal.documents.all(leases);
  expect(lease).toMatchObject({ holder: null, next: null, ended_at: iso(ideal.now()), figures: jobs });
});

it('says of a job that it failed, and runs the others', async () => {
  const ran: string[] = [];
  const broken = job('broken', ran, async () => {
    throw new Error('it is broken');
  });
  expect(await runTick(deps, [broken, job('whole', ran)])).toEqual({
    ...IDLE,
    jobs: { broken: null, whole: { runs: 1 } },
  });
});
