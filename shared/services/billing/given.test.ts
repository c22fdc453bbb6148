import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { priceTable } from '#domain/prices.ts';
import { costBetween } from '#domain/pricing.ts';
import type { Given } from '#ports/compute.ts';
import { systemCall } from '../kernel/call.ts';
import { transact } from '../kernel/draft.ts';
import { unknownUser } from '../kernel/users.ts';
import { accounts, ledger, sessions, userKey, users } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { createSession } from '../sessions/create/create.ts';
import { billAsGiven } from './given.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
/** An hour and a minute of dev_small on GKE, and of the same with a whole vCPU, nano-USD. */
const PLANNED = 22_620_834 + 5_004_542 + 717_767;
const WITH_A_CPU = 45_241_667 + 5_004_542 + 717_767;

/** A world with a session of an hour of dev_small. */
const opened = async (
  monthly_budget_nano: number | null = null,
  settings: Parameters<typeof openIdeal>[1] = undefined,
) => {
  const world = openIdeal(START, settings);
  const { deps } = world;
  await deps.store.put(users, userKey('ann'), { ...unknownUser(deps, 'ann'), monthly_budget_nano });
  const asked = { user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes: 60 } as const;
  const { id } = await createSession(deps, systemCall('test'), asked);
  const session = async () => (await deps.store.get(sessions, id))?.data as SessionDoc;
  const month = async () => (await deps.store.get(accounts, userKey('ann')))?.data.months['2026-03'];
  const before = await session();
  const bill = (given: Given | undefined, of = before) =>
    transact(deps.store, (draft) => billAsGiven(deps, draft, of, given));
  return { world, before, bill, session, month };
};

it('leaves a session alone that was given what was planned', async () => {
  const { before, bill } = await opened(PLANNED);
  const billed = await bill(undefined);
  expect(billed).toEqual({ ok: true, session: before });
});

it('bills what was given instead, with no budget to ask', async () => {
  const { before, bill, month } = await opened();
  const given = { machine_type: 'e2-standard-2', cpu_millis: 2000, memory_mb: 8192 };
  const billed = await bill({ ...given, spot: true });
  const details = { ...before.plan.details, provisioning: 'spot' };
  const plan = { ...before.plan, ...given, details };
  expect(billed).toEqual({ ok: true, session: { ...before, plan, bill: plan } });
  expect(await bill({ spot: false })).toMatchObject({ session: { bill: { details: { provisioning: 'on_demand' } } } });
  expect(await month()).toBeUndefined();
});

it('reserves what that costs instead, where the budget has room for it', async () => {
  const { bill, month } = await opened(WITH_A_CPU);
  expect(await month()).toEqual({ spent: 0, reserved: PLANNED, storage_reserved: 0 });
  expect(await bill({ cpu_millis: 1000 })).toMatchObject({
    ok: true,
    session: { reservation: { '2026-03': WITH_A_CPU }, bill: { cpu_millis: 1000 }, plan: { cpu_millis: 1000 } },
  });
  expect(await month()).toEqual({ spent: 0, reserved: WITH_A_CPU, storage_reserved: 0 });
});

it('says by how much the budget is too small, and reserves what it did', async () => {
  const { bill, month } = await opened(WITH_A_CPU - 1);
  expect(await bill({ cpu_millis: 1000 })).toEqual({
    ok: false,
    message:
      'The budget of $0.050963975 for 2026-03 is not enough: $0.00 is spent, $0.00 is reserved and this needs $0.050963976.',
  });
  expect(await month()).toEqual({ spent: 0, reserved: PLANNED, storage_reserved: 0 });
});

it('gives back where less was given, however little is left of the budget', async () => {
  const { world, bill, month } = await opened(PLANNED);
  const account = (await world.deps.store.get(accounts, userKey('ann')))?.data;
  if (!account) throw new Error('no account');
  const spent = { '2026-03': { spent: PLANNED, reserved: PLANNED, storage_reserved: 0 } };
  await world.deps.store.put(accounts, userKey('ann'), { ...account, months: spent });
  expect(await bill({ cpu_millis: 250 })).toMatchObject({ ok: true });
  // A quarter of a vCPU: half of 22 620 833.33, rounded up.
  expect(await month()).toMatchObject({ spent: PLANNED, reserved: 11_310_417 + 5_004_542 + 717_767 });
});

it('bills Spot by its own prices, and reserves what it costs at most', async () => {
  const { world, session, month } = await opened(PLANNED);
  // Half a vCPU for 61 minutes at $0.0178; the rest has no Spot price, and is reserved as on demand.
  const CPU = 9_048_334;
  world.provider.give({ spot: true });
  await world.work();
  expect(await session()).toMatchObject({ status: 'running', bill: { details: { provisioning: 'spot' } } });
  expect(await month()).toMatchObject({ spent: 0, reserved: CPU + 5_004_542 + 717_767 });
  world.pass(3_600_000);
  await world.work();
  expect(await session()).toMatchObject({ status: 'terminated', billed_nano: 8_900_000 });
  const entries = world.documents.all(ledger);
  expect(new Set(entries.flatMap(({ missing_prices }) => missing_prices))).toEqual(
    new Set(['gke.autopilot.spot.memory', 'gke.autopilot.spot.ephemeral']),
  );
  // What the hour may have cost beyond that: its memory and disk, as on demand.
  const unpriced = 4_922_500 + 706_000;
  // That is half of the budget, of which its owner was told.
  expect(await month()).toEqual({ spent: 8_900_000, unpriced, reserved: 0, storage_reserved: 0, noticed: 50 });
  expect(await session()).toMatchObject({ unpriced: { '2026-03': unpriced } });
});

it('keeps a sequence of Spot sessions within the budget, by what they may have cost', async () => {
  const { world, session, month } = await opened(3 * PLANNED);
  const { deps } = world;
  const call = systemCall('test');
  world.provider.give({ spot: true });
  let most = 0;
  let next = await session();
  for (let made = 1; ; made++) {
    await world.work();
    world.pass(3_600_000);
    await world.work();
    const ended = (await deps.store.get(sessions, next.id))?.data as SessionDoc;
    const ran = Date.parse(`${ended.ended_at}`) - Date.parse(`${ended.started_at}`);
    most += costBetween(ended.bill, 0, ran, deps.settings.prices).at_most ?? 0;
    const asked = { user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes: 60 } as const;
    const refused = await createSession(deps, call, asked).then(
      async ({ id }) => {
        next = (await deps.store.get(sessions, id))?.data as SessionDoc;
        return null;
      },
      (error: Error) => error.message,
    );
    if (refused !== null) {
      expect(refused).toMatch(/is spent, up to \$[\d.]+ more at prices that are not known/);
      expect(made).toBeGreaterThan(2);
      break;
    }
  }
  const { spent = 0, unpriced = 0 } = (await month()) ?? {};
  expect(spent + unpriced).toBe(most);
  expect(most).toBeLessThanOrEqual(3 * PLANNED);
});

it('lets Spot run in a region without Spot prices, reserved as on demand', async () => {
  const region = 'europe-west1';
  const rows = [
    { item: 'gke.autopilot.cpu', unit: 'vCPU-hour', usd: 0.05, region },
    { item: 'gke.autopilot.memory', unit: 'GiB-hour', usd: 0.0055, region },
    { item: 'gke.autopilot.ephemeral', unit: 'GiB-hour', usd: 0.0001, region },
  ];
  const { world, session, month } = await opened(PLANNED * 2, {
    ...{ region, prices: priceTable(region, { name: 'eu', currency: 'USD', rows }) },
  });
  const reserved = (await month())?.reserved;
  expect(reserved).toBeGreaterThan(0);
  world.provider.give({ spot: true });
  await world.work();
  expect(await session()).toMatchObject({ status: 'running', bill: { details: { provisioning: 'spot' } } });
  expect(await month()).toMatchObject({ spent: 0, reserved });
});

it('keeps the price of a session that is priced as if it ran elsewhere', async () => {
  const { before, bill } = await opened();
  const local = { ...before, plan: { ...before.plan, shape: 'local' } };
  expect(await bill({ cpu_millis: 1000 }, local)).toEqual({
    ok: true,
    session: { ...local, plan: { ...local.plan, cpu_millis: 1000 } },
  });
});

it('lets a session not run whose machine has no price, unless it had none before', async () => {
  const { before, bill } = await opened(1_000 * PLANNED);
  const gpu = { shape: 'gke_gpu', machine_type: 'g2-standard-4', gpu: { type: 'l4', count: 1 } } as const;
  const on = (machine_type: string) => {
    const plan = { ...before.plan, ...gpu, machine_type };
    return { ...before, plan, bill: plan };
  };
  expect(await bill({ machine_type: 'g2-standard-8' }, on('g2-standard-4'))).toMatchObject({ ok: true });
  expect(await bill({ machine_type: 'g9-unheard-of' }, on('g2-standard-4'))).toMatchObject({
    ok: false,
    message: expect.stringMatching(/neither a price nor an upper bound for gce\.g9-unheard-of/),
  });
  // It was live before its owner had the budget.
  expect(await bill({ machine_type: 'g9-another' }, on('g9-unheard-of'))).toMatchObject({ ok: true });
});

it('lets a session not run that was given more than its budget has room for', async () => {
  const { world, session, month } = await opened(WITH_A_CPU - 1);
  world.provider.give({ cpu_millis: 1000 });
  await world.work();
  expect(await session()).toMatchObject({ status: 'terminated', status_reason: 'budget_exceeded', reservation: {} });
  expect(await month()).toMatchObject({ reserved: 0 });
});

it('lets a session run that its budget has room for, billed by what it was given', async () => {
  const { world, session, month } = await opened(WITH_A_CPU);
  world.provider.give({ cpu_millis: 1000 });
  await world.work();
  expect(await session()).toMatchObject({ status: 'running', bill: { cpu_millis: 1000 } });
  expect(await month()).toMatchObject({ spent: 0, reserved: WITH_A_CPU });
});
