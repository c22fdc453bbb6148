import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { iso } from '#ports/clock.ts';
import { systemCall } from '../kernel/call.ts';
import { transact } from '../kernel/draft.ts';
import { unknownUser } from '../kernel/users.ts';
import { accounts, sessions, userKey, users } from '../model/collections.ts';
import type { AccountDoc } from '../model/docs.ts';
import { createSession } from '../sessions/create/create.ts';
import { putUser } from '../users/put.ts';
import { meterPeriod, terminateAt, withBudget } from './meter-period.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const call = systemCall('test');
const asked = { provider: 'gke', resource_package: 'dev_small', ttl_minutes: 60 } as const;

it('looks more often only where a budget ends sessions', () => {
  expect(terminateAt({ action: 'terminate', limit_nano: 7 })).toBe(7);
  expect(terminateAt({ action: 'terminate', limit_nano: null })).toBeNull();
  expect(terminateAt({ action: 'refuse', limit_nano: 7 })).toBeNull();
  const { deps } = openIdeal(START);
  expect([meterPeriod(deps, null), meterPeriod(deps, 0), meterPeriod(deps, 7)]).toEqual([600_000, 60_000, 60_000]);
  // Never less often than the others.
  expect(meterPeriod(openIdeal(START, { meter_period_ms: 30_000 }).deps, 7)).toBe(30_000);
});

it('reads the user of an account once, where an earlier release did not say what its budget does', async () => {
  const world = openIdeal(START);
  const budget = { monthly_budget_nano: 5, budget_action: 'terminate' } as const;
  await world.deps.store.put(users, userKey('ann'), { ...unknownUser(world.deps, 'ann'), ...budget });
  const none = { live_sessions: 0, live_namespaces: [], workspaces: 0, months: {} };
  const account: AccountDoc = { owner: 'ann', terminate_nano: 'unknown', budget: 'unknown', ...none };
  const asks = async (of: AccountDoc) => {
    world.reads.taken();
    const told = await transact(world.deps.store, (draft) => withBudget(world.deps, draft, of));
    return { told: told.terminate_nano, reads: world.reads.taken() };
  };
  expect(await asks(account)).toEqual({ told: 5, reads: 1 });
  const known = { limit_nano: null, action: 'refuse' } as const;
  expect(await asks({ ...account, terminate_nano: null, budget: known })).toEqual({ told: null, reads: 0 });
  expect(await asks({ ...account, terminate_nano: null })).toEqual({ told: 5, reads: 1 });
});

it('follows the owner’s budget in live sessions, and in those of nobody else', async () => {
  const world = openIdeal(START);
  const { deps } = world;
  for (const user of ['ann', 'ann', 'bob']) await createSession(deps, call, { ...asked, user });
  await world.work();
  const { id: starting } = await createSession(deps, call, { ...asked, user: 'ann' });
  world.pass(10_000);
  const due = () => world.documents.all(sessions).map((each) => [each.metered_every_ms, each.meter_due]);
  const bob = [600_000, iso(START + 600_000)];
  expect(due()).toEqual([bob, bob, bob, [600_000, null]]);

  const budget = (monthly_budget_usd: number | null, budget_action: 'refuse' | 'terminate') =>
    putUser(deps, call, { user_id: 'ann', monthly_budget_usd, budget_action });
  await budget(5, 'terminate');
  const often = [60_000, iso(START + 70_000)];
  expect(due()).toEqual([often, often, bob, [60_000, null]]);
  expect((await deps.store.get(accounts, userKey('ann')))?.data.terminate_nano).toBe(5_000_000_000);

  // Another limit is another limit, and no other period.
  const before = world.written(sessions);
  world.pass(10_000);
  await budget(6, 'terminate');
  expect(world.written(sessions)).toBe(before);
  expect((await deps.store.get(accounts, userKey('ann')))?.data.terminate_nano).toBe(6_000_000_000);

  await world.work();
  expect((await deps.store.get(sessions, starting))?.data.meter_due).toBe(iso(START + 80_000));

  await budget(null, 'terminate');
  const seldom = [600_000, iso(START + 620_000)];
  expect(due()).toEqual([seldom, seldom, bob, seldom]);
  expect((await deps.store.get(accounts, userKey('ann')))?.data.terminate_nano).toBeNull();
});
