import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { troubledStore } from '../../../test/support/troubled-store.ts';
import { reserves } from '#domain/budget.ts';
import { usd } from '#domain/money.ts';
import { iso } from '#ports/clock.ts';
import { StoreBusy } from '#ports/store.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { createLanes } from '../kernel/lanes.ts';
import { unknownUser } from '../kernel/users.ts';
import { accounts, sessions, storage, userKey, users } from '../model/collections.ts';
import type { AccountDoc } from '../model/docs.ts';
import { createSession } from '../sessions/create/create.ts';
import { updateSession } from '../sessions/update.ts';
import { getEntitlements } from '../users/entitlements.ts';
import { putUser } from '../users/put.ts';
import { budgetOf } from './prices.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const call = systemCall('test');
const MONTH = '2026-03';
/** 61 minutes of dev_small on GKE, nano-USD. */
const ONE = 28_343_143;
const LIVE = 130;
const BUCKETS = 60;

/** A user without a budget, with more live sessions and buckets than one transaction takes. */
const opened = async (live = LIVE, buckets = BUCKETS) => {
  const world = openIdeal(START);
  const troubled = troubledStore(world.deps.store, new StoreBusy('busy'));
  const deps: Deps = { ...world.deps, store: troubled.store, lanes: createLanes(troubled.store) };
  await deps.store.put(users, userKey('ann'), unknownUser(deps, 'ann'));
  const create = (bucket?: string) =>
    createSession(deps, call, {
      ...({ user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes: 60 } as const),
      ...(bucket === undefined ? {} : { request_bucket: true, storage_config: { bucket } }),
    });
  const all = Array.from({ length: live }, (_, i) => create(i < buckets ? `bucket-${i}` : undefined));
  await Promise.all(all);
  troubled.sizes();
  troubled.trouble({});
  const account = async () => (await deps.store.get(accounts, userKey('ann')))?.data as AccountDoc;
  const put = (monthly_budget_usd: number | null, budget_action: 'refuse' | 'terminate' = 'refuse') =>
    putUser(deps, call, { user_id: 'ann', monthly_budget_usd, budget_action });
  /** What sessions and storage hold, by themselves: the account must say the same. */
  const held = () => {
    const sum = (docs: readonly { readonly reservation: Readonly<Record<string, number>> }[]) =>
      docs.reduce((total, { reservation }) => total + (reservation[MONTH] ?? 0), 0);
    return sum(world.documents.all(sessions)) + sum(world.documents.all(storage));
  };
  const expectFollowed = async (count = live) => {
    const { budget_walk, months } = await account();
    expect(budget_walk).toBeUndefined();
    expect(world.documents.all(sessions).map(({ reservation }) => reservation)).toEqual(
      Array.from({ length: count }, () => ({ [MONTH]: ONE })),
    );
    expect(world.documents.all(storage).every(({ reservation }) => (reservation[MONTH] ?? 0) > 0)).toBe(true);
    expect(months[MONTH]?.reserved).toBe(held());
  };
  return { world, deps, troubled, create, account, put, held, expectFollowed };
};

it('reserves for everything that is live, at most 50 documents at a time', async () => {
  const { troubled, put, expectFollowed } = await opened();
  await put(1000);
  const sizes = troubled.sizes();
  expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
  expect(sizes.length).toBeGreaterThan((LIVE + BUCKETS) / 50);
  await expectFollowed();
});

it('changes the meter’s period the same way, both ways', async () => {
  const { world, troubled, put, account } = await opened();
  await world.work();
  const periods = () =>
    new Set(world.documents.all(sessions).map(({ metered_every_ms, meter_due }) => `${metered_every_ms} ${meter_due}`));
  expect(periods()).toEqual(new Set([`600000 ${iso(START + 600_000)}`]));
  world.pass(10_000);
  await put(1000, 'terminate');
  expect(periods()).toEqual(new Set([`60000 ${iso(START + 70_000)}`]));
  // Another limit, and no other period: no session is looked at later for it.
  world.pass(10_000);
  await put(2000, 'terminate');
  expect(periods()).toEqual(new Set([`60000 ${iso(START + 70_000)}`]));
  await put(null);
  expect(periods()).toEqual(new Set([`600000 ${iso(START + 620_000)}`]));
  expect(Math.max(...troubled.sizes())).toBeLessThanOrEqual(50);
  expect((await account()).budget_walk).toBeUndefined();
});

it.each([2, 3, 4, 5])('goes on where it was cut off at transaction %i, when the same PUT comes again', async (cut) => {
  const { deps, troubled, put, account, held, expectFollowed } = await opened();
  troubled.trouble({ [cut]: 'refused' });
  await expect(put(1000)).rejects.toThrow('busy');
  // The budget counts, what is reserved adds up, and the account says that it is not all.
  expect(reserves(budgetOf((await deps.store.get(users, userKey('ann')))?.data ?? unknownUser(deps, 'ann')))).toBe(
    true,
  );
  expect((await account()).budget_walk).toBeDefined();
  expect((await account()).months[MONTH]?.reserved ?? 0).toBe(held());
  expect((await getEntitlements(deps, call, { user_id: 'ann' })).budget?.note).toMatch(/still being reserved/);
  troubled.trouble({});
  await put(1000);
  expect(troubled.sizes().length).toBeLessThanOrEqual(7);
  await expectFollowed();
  expect((await getEntitlements(deps, call, { user_id: 'ann' })).budget?.note).toBeUndefined();
});

it('leaves no window in which a create passes the budget beside sessions that are not reserved yet', async () => {
  const { troubled, put, create, account, held, expectFollowed } = await opened(LIVE, 0);
  troubled.trouble({ 3: 'refused' });
  // Room for one fewer than there are live: half of them are reserved when it is cut off.
  await expect(put(usd((LIVE - 1) * ONE))).rejects.toThrow('busy');
  expect(held()).toBeLessThan((LIVE - 2) * ONE);
  await expect(create()).rejects.toMatchObject({ code: 'budget_exceeded' });
  await expectFollowed();
  // Those that were live are kept above the budget.
  expect((await account()).months[MONTH]?.reserved).toBe(LIVE * ONE);
});

it('takes a create that fits between two batches, and finishes for it what the PUT has begun', async () => {
  const { troubled, put, create, expectFollowed } = await opened();
  const made: Promise<unknown>[] = [];
  troubled.trouble({});
  troubled.before(3, async () => void made.push(create()));
  await put(1000);
  expect(made).toHaveLength(1);
  await Promise.all(made);
  await expectFollowed(LIVE + 1);
});

it('refuses no create under a budget that only ends sessions, wherever its walk is', async () => {
  const { troubled, put, create, account } = await opened(LIVE, 0);
  troubled.trouble({ 3: 'refused' });
  await expect(put(1000, 'terminate')).rejects.toThrow('busy');
  await create();
  expect((await account()).budget_walk).toBeDefined();
});

it('shares one walk between two PUTs at once', async () => {
  const { troubled, put, expectFollowed } = await opened();
  await Promise.all([put(1000), put(2000)]);
  await expectFollowed();
  // Each walks no session that the other has walked.
  expect(troubled.sizes().reduce((sum, size) => sum + size, 0)).toBeLessThan(LIVE + BUCKETS + 30);
});

it('begins anew where the budget is taken away and given again before the walk is over', async () => {
  const { troubled, put, create, account, expectFollowed } = await opened();
  // All sessions are behind the walk.
  troubled.trouble({ 5: 'refused' });
  await expect(put(1000)).rejects.toThrow('busy');
  expect((await account()).budget_walk).toEqual({ of: 'storage', after: '' });
  troubled.trouble({ 2: 'refused' });
  await expect(put(null)).rejects.toThrow('busy');
  // There is no budget now: it reserves nothing.
  await create();
  await put(500);
  await expectFollowed(LIVE + 1);
});

it('finishes the walk before a session is given a later end', async () => {
  const { world, deps, troubled, put, expectFollowed, account } = await opened();
  troubled.trouble({ 3: 'refused' });
  await expect(put(usd(LIVE * ONE * 100))).rejects.toThrow('busy');
  const [first] = world.documents.all(sessions);
  await updateSession(deps, call, { id: first?.id ?? '', ttl_minutes: 60 });
  expect((await account()).budget_walk).toBeUndefined();
  await expectFollowed();
});
