import { expect, it } from 'vitest';
import { iso } from '#ports/clock.ts';
import { systemCall } from '#services/kernel/call.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { accounts, audit, intents, ledger, rollups, sessions, tickets } from '#services/model/collections.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { takeLease } from '#services/sweeps/lease.ts';
import { openIdeal } from '../../test/simulation/world/ideal.ts';
import { JOBS } from './jobs.ts';
import { runTick } from './tick.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const MINUTE_MS = 60_000;
/** Longer than a tick expects of a clock, so that the lease of the other counts for nothing. */
const SKEW_MS = 60_000;
const USERS = ['ann', 'ann', 'ann', 'bob', 'bob', 'cyd'];

/** Two hours of a deployment whose sessions end by the sweep alone. @returns what is on record in the end */
const lived = async (tick: (deps: Deps) => Promise<unknown>) => {
  const world = openIdeal(START);
  const { deps } = world;
  const idle = { ...deps, queue: { enqueue: async () => true } };
  const call = systemCall('test');
  for (const [n, user] of USERS.entries())
    await createSession(n % 2 === 0 ? deps : idle, call, { user, provider: 'gke', ttl_minutes: 30 + 15 * n });
  for (let n = 0; n < 500; n++) await deps.store.put(tickets, `old-${n}`, { purge_at: iso(START + n * 1000) } as never);
  await world.work();
  for (let minute = 0; minute < 130; minute++) {
    world.pass(MINUTE_MS);
    await tick(deps);
    await world.work();
  }
  const entries = world.documents.all(ledger);
  const byEntry = (a: string, b: string): number => (a < b ? -1 : 1);
  return {
    sessions: world.documents
      .all(sessions)
      .map(({ id, status, status_reason, billed_nano }) => [id, status, status_reason, billed_nano]),
    ledger: entries
      .map(({ session_id, n, from, to, milliseconds, nano_usd }) =>
        [session_id, n, from, to, milliseconds, nano_usd].join(' '),
      )
      .toSorted(byEntry),
    rolled: world.documents
      .all(rollups)
      .flatMap(({ owner, rows }) => rows.map((row) => `${owner} ${row.day} ${row.milliseconds} ${row.nano_usd}`))
      .toSorted(byEntry),
    accounts: world.documents.all(accounts),
    ends: world.documents
      .all(audit)
      .filter(({ action }) => action.startsWith('session.'))
      .map(({ session_id, action }) => `${session_id} ${action}`)
      .toSorted(byEntry),
    left: [world.documents.all(intents).length, world.documents.all(tickets).length],
  };
};

it('two schedulers whose clocks differ by a minute run each tick at once, and leave what one leaves', async () => {
  const alone = await lived((deps) => runTick(deps, JOBS));
  expect(alone.left).toEqual([0, 0]);
  expect(alone.ledger.length).toBeGreaterThan(USERS.length);
  let together = 0;
  const both = await lived(async (deps) => {
    const behind = { ...deps, clock: { ...deps.clock, now: () => deps.clock.now() - SKEW_MS } };
    const ticks = await Promise.all([runTick(deps, JOBS), runTick(behind, JOBS)]);
    if (ticks.every(({ busy }) => !busy)) together += 1;
    for (const { jobs } of ticks) expect(Object.values(jobs)).not.toContain(null);
  });
  expect(together).toBe(130);
  expect(both).toEqual(alone);
});

it('a lease that a dead process has left is no hindrance for long, by any clock', async () => {
  for (const skew of [-SKEW_MS, 0, SKEW_MS]) {
    const world = openIdeal(START);
    const skewed = { ...world.deps, clock: { ...world.deps.clock, now: () => world.now() + skew } };
    await takeLease(world.deps);
    let waited = 0;
    while ((await runTick(skewed, [])).busy) {
      world.pass(1_000);
      waited += 1;
    }
    expect(waited).toBeLessThan(120);
  }
});
