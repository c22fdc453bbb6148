import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { upperBoundNanoUsd } from '#domain/pricing.ts';
import type { Plan } from '#domain/plan.ts';
import { iso } from '#ports/clock.ts';
import { systemCall } from '../kernel/call.ts';
import { unknownUser } from '../kernel/users.ts';
import { accounts, sessions, userKey, users } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { putUser } from '../users/put.ts';
import { createSession } from './create/create.ts';
import { updateSession } from './update.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const call = systemCall('test');
const T4 = { shape: 'gke_gpu', machine_type: 'n1-standard-4', gpu: { type: 't4', count: 1 } } as const;
/** The fee has neither a price nor a bound. */
const WORKSTATION = { shape: 'workstations', machine_type: 'e2-standard-2' } as const;

/** A session of an hour, billed as is said, whose owner gets a budget after it was made. */
const opened = async (billed: Partial<Plan>) => {
  const world = openIdeal(START);
  const { deps } = world;
  await deps.store.put(users, userKey('ann'), unknownUser(deps, 'ann'));
  const { id } = await createSession(deps, call, { user: 'ann', provider: 'gke', ttl_minutes: 60 });
  const doc = async () => (await deps.store.get(sessions, id))?.data as SessionDoc;
  const made = await doc();
  const bill: Plan = { ...made.bill, ...billed };
  await deps.store.put(sessions, id, { ...made, bill });
  await putUser(deps, call, { user_id: 'ann', monthly_budget_usd: 1000, budget_action: 'refuse' });
  const update = (input: { ttl_minutes?: number; labels?: Record<string, string> }) =>
    updateSession(deps, call, { id, ...input });
  const reserved = async () => (await deps.store.get(accounts, userKey('ann')))?.data.months['2026-03']?.reserved;
  const most = (minutes: number) => upperBoundNanoUsd(bill, (minutes + 1) * 60_000, true, deps.settings.prices);
  return { update, doc, reserved, most };
};

it('refuses a later end of a session that has no upper bound, as a create would be', async () => {
  const { update, doc, reserved, most } = await opened(WORKSTATION);
  // It was live before: it is kept, with what is known of it reserved.
  expect(await doc()).toMatchObject({ status: 'creating', end: null });
  expect(await reserved()).toBe(most(60));
  await expect(update({ ttl_minutes: 61 })).rejects.toMatchObject({
    code: 'budget_exceeded',
    status: 409,
    message: expect.stringMatching(
      /neither a price nor an upper bound for workstations\.management-fee\. Create another/,
    ),
  });
  expect(await doc()).toMatchObject({ expires_at: iso(START + 3_600_000) });
  expect(await reserved()).toBe(most(60));
});

it('lets it end earlier, or have other labels', async () => {
  const { update, doc, reserved, most } = await opened(WORKSTATION);
  await update({ labels: { team: 'blue' } });
  await update({ ttl_minutes: 60 });
  await update({ ttl_minutes: 30 });
  expect(await doc()).toMatchObject({ expires_at: iso(START + 1_800_000), labels: { team: 'blue' } });
  expect(await reserved()).toBe(most(30));
  // Back to where it was is later than now.
  await expect(update({ ttl_minutes: 60 })).rejects.toMatchObject({ code: 'budget_exceeded' });
});

it('reserves the upper bound of a later end where a missing price has one', async () => {
  const { update, doc, reserved, most } = await opened(T4);
  expect(await reserved()).toBe(most(60));
  await update({ ttl_minutes: 120 });
  expect(await doc()).toMatchObject({ expires_at: iso(START + 7_200_000), reservation: { '2026-03': most(120) } });
  expect(await reserved()).toBe(most(120));
});
