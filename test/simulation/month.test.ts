import { beforeAll, describe, expect, it } from 'vitest';
import type { COST_GROUPS } from '#contract/entities/cost.ts';
import { hourAfter } from '#domain/months.ts';
import { usd } from '#domain/money.ts';
import { costNanoUsd } from '#domain/pricing.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { reportCosts } from '#services/costs/report.ts';
import { systemCall } from '#services/kernel/call.ts';
import { accounts, ledger, rollups, sessions, storage } from '#services/model/collections.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { sweepExpired } from '#services/sweeps/expired.ts';
import { meterSessions } from '#services/sweeps/meter.ts';
import { meterStorage } from '#services/sweeps/meter-storage.ts';
import { type Ideal, openIdeal } from './world/ideal.ts';

const AT_A_TIME = 200;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.parse('2026-09-30T22:11:07.000Z');
const DAYS = 33;
/** The time between two rounds of the meter. */
const ROUND_MS = HOUR_MS * 0.73;

let world: Ideal;
/** The account writes of each round of the meter, and the number of sessions in it. */
const rounds: { readonly writes: number; readonly looked: number }[] = [];

const createAll = async (): Promise<void> => {
  const call = systemCall('month');
  const live = world.documents.all(sessions).filter((session) => session.live).length;
  const asks = Array.from({ length: AT_A_TIME - live }, (_, i) =>
    createSession(world.deps, call, {
      user: i % 3 === 0 ? 'ann' : 'ann@example.org',
      workspace_owner: 'ann',
      workspace_id: 'default',
      provider: 'gke',
      resource_package: i % 2 === 0 ? 'dev_small' : 'compute_small',
      ttl_minutes: 1440,
      ...(i === 0 ? { request_persistent_storage: true } : {}),
    }),
  );
  await Promise.all(asks);
  await world.work();
};

beforeAll(async () => {
  world = openIdeal(START);
  for (const end = START + DAYS * DAY_MS; world.now() < end; ) {
    await createAll();
    world.pass(ROUND_MS);
    await sweepExpired(world.deps);
    await world.work();
    const before = world.written(accounts);
    const { looked } = await meterSessions(world.deps);
    rounds.push({ writes: world.written(accounts) - before, looked });
    await meterStorage(world.deps);
    await world.work();
  }
});

const entries = () => world.documents.all(ledger);
const total = (parts: readonly { readonly nano_usd: number }[]) =>
  parts.reduce((sum, { nano_usd }) => sum + nano_usd, 0);

describe(`${AT_A_TIME} sessions at a time, each of a day, over a month`, () => {
  it('write the account once for fifty sessions and round', () => {
    expect(rounds.some(({ looked }) => looked === AT_A_TIME)).toBe(true);
    for (const { writes, looked } of rounds) expect(writes).toBeLessThanOrEqual(Math.ceil(looked / 50));
  });

  it('leave at most one segment for each session and hour begun', () => {
    const bySession = Map.groupBy(entries(), ({ session_id }) => session_id);
    let ended = 0;
    for (const session of world.documents.all(sessions)) {
      const { started_at, ledgered_until } = session;
      if (started_at === null || ledgered_until === null) continue;
      const hours =
        (hourAfter(epochMs(ledgered_until)) - Math.floor(epochMs(started_at) / HOUR_MS) * HOUR_MS) / HOUR_MS;
      const segments = bySession.get(session.id) ?? [];
      expect(segments.length).toBeLessThanOrEqual(hours);
      expect(total(segments) + session.open_nano).toBe(session.billed_nano);
      if (session.live) continue;
      ended += 1;
      const ran = epochMs(session.ended_at ?? '') - epochMs(started_at);
      expect(session.billed_nano).toBe(costNanoUsd(session.bill, 0, ran, world.deps.settings.prices));
    }
    expect(ended).toBeGreaterThan(AT_A_TIME * 30);
  });

  it('spend what the ledger and the open hours have, to the nano-dollar', () => {
    const live = [...world.documents.all(sessions).filter((session) => session.live), ...world.documents.all(storage)];
    const [account] = world.documents.all(accounts);
    for (const [month, { spent }] of Object.entries(account?.months ?? {})) {
      const inLedger = total(entries().filter(({ from }) => from.startsWith(month)));
      const open = live.filter(({ ledgered_until }) => ledgered_until?.startsWith(month));
      expect(spent).toBe(inLedger + open.reduce((sum, { open_nano }) => sum + open_nano, 0));
    }
  });

  it('are reported by every grouping, complete, from few documents', async () => {
    const call = systemCall('month');
    const span = { from: '2026-10-01T00:17:00.000Z', to: '2026-10-31T23:17:00.000Z' };
    const hours = { gte: '2026-10-01T00:00:00.000Z', lt: '2026-11-01T00:00:00.000Z' };
    const expected = entries().filter(({ from }) => from >= hours.gte && from < hours.lt);
    const groups: readonly (typeof COST_GROUPS)[number][] = ['user', 'workspace', 'provider', 'kind', 'day', 'month'];
    for (const group_by of groups) {
      world.reads.taken();
      const report = await reportCosts(world.deps, call, { ...span, group_by });
      // The rollup has the whole month, so the ledger with over a hundred thousand entries is not read.
      expect(world.reads.taken()).toBeLessThan(20);
      expect(report).toMatchObject({ from: hours.gte, to: hours.lt, truncated: false, total: usd(total(expected)) });
      const seconds = report.groups.reduce((sum, group) => sum + group.seconds, 0);
      expect(Math.round(seconds * 1000)).toBe(expected.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
    }
    await expect(
      reportCosts(world.deps, call, { ...span, from: '2026-09-30T00:00:00.000Z', group_by: 'session' }),
    ).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^group_by: session takes at most 31 days/),
    });
  });

  it('are reported by session, from the ledger', async () => {
    const span = { from: '2026-10-05T22:00:00.000Z', to: '2026-10-06T04:00:00.000Z' };
    const expected = entries().filter(({ from }) => from >= span.from && from < span.to);
    const report = await reportCosts(world.deps, systemCall('month'), { ...span, group_by: 'session' });
    expect(report).toMatchObject({ total: usd(total(expected)), truncated: false });
    expect(report.groups).toHaveLength(new Set(expected.map(({ session_id }) => session_id)).size);
  });

  it('are reported for a part of a month to the hour', async () => {
    const span = { from: '2026-10-03T05:59:59.999Z', to: '2026-10-17T11:00:00.001Z' };
    const report = await reportCosts(world.deps, systemCall('month'), { ...span, group_by: 'day' });
    const [from, to] = ['2026-10-03T05:00:00.000Z', '2026-10-17T12:00:00.000Z'];
    const expected = entries().filter((entry) => entry.from >= from && entry.from < to);
    expect(report).toMatchObject({ from, to, total: usd(total(expected)) });
    expect(report.groups).toHaveLength(15);
  });

  it('keep sums in documents of at most 100 KB', () => {
    for (const doc of world.documents.all(rollups))
      expect(Buffer.byteLength(JSON.stringify(doc))).toBeLessThanOrEqual(100_000);
    expect(iso(world.now()).slice(0, 7)).toBe('2026-11');
  });
});
