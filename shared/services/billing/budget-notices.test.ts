import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { epochMs } from '#ports/clock.ts';
import { listAudit } from '../audit/list.ts';
import { type Call, systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { audit, sessions } from '../model/collections.ts';
import { createSession } from '../sessions/create/create.ts';
import { meterSessions } from '../sweeps/meter.ts';
import { putUser } from '../users/put.ts';

const START = Date.parse('2026-03-16T10:00:00.000Z');
const HOUR_MS = 3_600_000;
const call = systemCall('test');
/** An hour of dev_small on GKE costs 27.9 thousandths of a dollar. */
const HOUR_USD = 0.0278785;

const opened = async (monthly_budget_usd: number, budget_action: 'refuse' | 'terminate' = 'terminate') => {
  const heard: string[] = [];
  const world = openIdeal(START, {}, heard);
  const put = (usd: number | null) =>
    putUser(world.deps, call, { user_id: 'ann', monthly_budget_usd: usd, budget_action });
  await put(monthly_budget_usd);
  const session = { user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes: 1440 } as const;
  const { id } = await createSession(world.deps, call, session);
  await world.work();
  const spend = async (hours: number, deps: Deps = world.deps) => {
    world.pass(hours * HOUR_MS);
    await meterSessions(deps);
  };
  const notices = () =>
    world.documents
      .all(audit)
      .filter(({ action, detail }) => action === 'notice' && detail['kind'] === 'budget.threshold');
  const told = () => notices().map(({ detail }) => detail['percent']);
  return { world, heard, put, id, spend, notices, told };
};

it('is told at 50, 80 and 100 % of a budget, once, in entries of its owner', async () => {
  const { world, spend, notices, told } = await opened(HOUR_USD * 10);
  await spend(4.9);
  expect(told()).toEqual([]);
  await spend(0.2);
  expect(told()).toEqual([50]);
  await spend(1);
  await spend(1);
  expect(told()).toEqual([50]);
  await spend(1);
  expect(told()).toEqual([50, 80]);
  await spend(2);
  expect(told()).toEqual([50, 80, 100]);
  expect(notices()[1]).toMatchObject({
    ...{ actor_user: 'ann', workspace_owner: 'ann', workspace_id: null, session_id: null },
    actor: { kind: 'system', job: 'notices' },
    detail: { month: '2026-03', budget_usd: expect.closeTo(0.278785), budget_action: 'terminate' },
  });
  // Read by its owner, and by nobody else.
  const as = (user_id: string): Call => ({
    ...call,
    actor: { kind: 'key', key_id: 'key-1', user_id, scopes: ['sessions:read'], workspace: null, session_id: null },
  });
  const seen = async (user_id: string) => (await listAudit(world.deps, as(user_id), { action: 'notice' })).items.length;
  expect([await seen('ann'), await seen('bob')]).toEqual([3, 0]);
});

it('tells of both where one bill crosses two', async () => {
  const { spend, told } = await opened(HOUR_USD * 10);
  await spend(8.5);
  expect(told()).toEqual([50, 80]);
});

it('tells again what a raised budget puts above the use', async () => {
  const { put, spend, told } = await opened(HOUR_USD * 10);
  await spend(8.5);
  await put(HOUR_USD * 15);
  await spend(0.5);
  // 9 of 15 hours: 60 %.
  expect(told()).toEqual([50, 80]);
  await spend(3.5);
  expect(told()).toEqual([50, 80, 80]);
  await put(HOUR_USD * 100);
  await spend(1);
  expect(told()).toEqual([50, 80, 80]);
});

it('tells anew in a new month', async () => {
  const world = openIdeal(Date.parse('2026-03-31T16:00:00.000Z'));
  await putUser(world.deps, call, { user_id: 'ann', monthly_budget_usd: HOUR_USD * 8, budget_action: 'terminate' });
  const session = { user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes: 1440 } as const;
  await createSession(world.deps, call, session);
  await world.work();
  world.pass(12.5 * HOUR_MS);
  await meterSessions(world.deps);
  const told = world.documents.all(audit).filter(({ action }) => action === 'notice');
  expect(told.map(({ detail }) => [detail['month'], detail['percent']])).toEqual([
    ['2026-03', 50],
    ['2026-03', 80],
    ['2026-03', 100],
    ['2026-04', 50],
  ]);
});

it('reads nothing more than before for it, and writes the entry alone', async () => {
  const { world, spend, told } = await opened(HOUR_USD * 10);
  await spend(2.5);
  world.reads.trips();
  await spend(1);
  const without = world.reads.trips();
  expect(told()).toEqual([]);
  await spend(2);
  const withOne = world.reads.trips();
  expect(told()).toEqual([50]);
  // Another hour is full as well: that is the ledger's, and the same in both.
  const of = (what: RegExp, { documents }: typeof withOne) => documents.filter((each) => what.test(each)).length;
  expect(of(/^write audit/, withOne) - of(/^write audit/, without)).toBe(1);
  expect(of(/^read (users|accounts|sessions|audit)/, withOne)).toBe(
    of(/^read (users|accounts|sessions|audit)/, without),
  );
  // And its task reads the entry, and asks once for webhooks.
  world.pass(5_000);
  await world.work();
  expect(world.reads.trips().documents).toEqual(['read audit', 'read webhooks (none)']);
});

it('is not told where its task could not be enqueued, but at the next bill', async () => {
  const { world, heard, spend, told } = await opened(HOUR_USD * 10);
  const deps = {
    ...world.deps,
    queue: {
      enqueue: async (): Promise<boolean> => {
        throw new Error('the queue did not answer');
      },
    },
  };
  await spend(6, deps);
  expect(told()).toEqual([]);
  expect(heard).toEqual(['a notice was not enqueued; the next bill of this owner tries again']);
  await spend(0.1);
  expect(told()).toEqual([50]);
});

it('is told by the last bill of a session as well', async () => {
  const { world, id, told } = await opened(HOUR_USD * 10);
  world.pass(6 * HOUR_MS);
  world.provider.end(id);
  await meterSessions(world.deps);
  await world.work();
  expect(world.documents.all(sessions)[0]?.status).toBe('failed');
  expect(told()).toEqual([50]);
  expect(epochMs(world.documents.all(audit).find(({ action }) => action === 'notice')?.at ?? '')).toBe(world.now());
});
