import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { iso } from '#ports/clock.ts';
import type { Compute, Observation } from '#ports/compute.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { createLanes } from '../kernel/lanes.ts';
import { beginEnd } from '../lifecycle/begin-end.ts';
import { accounts, ledger, sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { createSession } from '../sessions/create/create.ts';
import { putUser } from '../users/put.ts';
import { meterSessions } from './meter.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const MINUTE_MS = 60_000;
const call = systemCall('test');

/** dev_small on GKE, nano-USD: the cost of so many minutes. */
const COST = { 1: 464_640, 2: 929_282, 5: 2_323_207, 10: 4_646_415, 20: 9_292_832 } as const;

/** A world with a running session for each of these users. */
const opened = async (users: readonly string[], heard: string[] | null = null) => {
  const world = openIdeal(START, {}, heard);
  const ids: string[] = [];
  for (const user of users) {
    const asked = { user, provider: 'gke', resource_package: 'dev_small', ttl_minutes: 120 } as const;
    ids.push((await createSession(world.deps, call, asked)).id);
  }
  await world.work();
  const session = async (id: string | undefined) =>
    (await world.deps.store.get(sessions, id ?? ''))?.data as SessionDoc;
  return {
    world,
    ids,
    session,
    billed: async () => Promise.all(ids.map(async (id) => (await session(id)).billed_nano)),
    spent: () => world.documents.all(accounts).map(({ owner, months }) => [owner, months['2026-03']?.spent ?? 0]),
    /** Lets so many minutes pass, then meters. */
    round: (minutes: number, deps: Deps = world.deps) => {
      world.pass(minutes * MINUTE_MS);
      return meterSessions(deps);
    },
  };
};

const THREE = ['ann', 'ann', 'bob', 'cyd', 'cyd', 'cyd'];

it('bills the sessions of three owners in one round, with one write of each account', async () => {
  const { world, ids, session, billed, spent, round } = await opened(THREE);
  const [before, documents] = [world.written(accounts), world.written(sessions)];
  expect(await round(10)).toEqual({ looked: 6, failed: 0 });
  expect(world.written(accounts) - before).toBe(3);
  expect(world.written(sessions) - documents).toBe(6);
  expect(await billed()).toEqual(ids.map(() => COST[10]));
  expect(spent()).toEqual([
    ['ann', 2 * COST[10]],
    ['bob', COST[10]],
    ['cyd', 3 * COST[10]],
  ]);
  const until = { metered_until: iso(START + 10 * MINUTE_MS), meter_due: iso(START + 20 * MINUTE_MS) };
  for (const id of ids) expect(await session(id)).toMatchObject({ ...until, status: 'running', open_nano: COST[10] });
  // The hour is not over.
  expect(world.documents.all(ledger)).toEqual([]);
});

/** How many transactions of these deps commit. */
const countTransactions = (deps: Deps): { readonly deps: Deps; count(): number } => {
  let count = 0;
  const transaction: Deps['store']['transaction'] = async (fn) => {
    count += 1;
    return deps.store.transaction(fn);
  };
  const store = { ...deps.store, transaction };
  return { deps: { ...deps, store, lanes: createLanes(store) }, count: () => count };
};

it('bills 20 sessions of one owner in no more than two transactions', async () => {
  const { world, ids, billed, round } = await opened(Array.from({ length: 20 }, () => 'ann'));
  const counted = countTransactions(world.deps);
  expect(await round(10, counted.deps)).toEqual({ looked: 20, failed: 0 });
  expect(counted.count()).toBeLessThanOrEqual(2);
  expect(await billed()).toEqual(ids.map(() => COST[10]));
});

it('looks at what is due, and bills nothing twice', async () => {
  const { billed, round } = await opened(['ann', 'bob']);
  expect(await round(9)).toEqual({ looked: 0, failed: 0 });
  expect(await round(1)).toEqual({ looked: 2, failed: 0 });
  expect(await round(0)).toEqual({ looked: 0, failed: 0 });
  expect(await billed()).toEqual([COST[10], COST[10]]);
  expect(await round(10)).toEqual({ looked: 2, failed: 0 });
  expect(await billed()).toEqual([COST[20], COST[20]]);
});

it('bills the others where one can’t be looked at, and that one later', async () => {
  const heard: string[] = [];
  const { world, ids, billed, round } = await opened(THREE, heard);
  world.provider.fail(ids[1] ?? '');
  expect(await round(10)).toEqual({ looked: 5, failed: 1 });
  expect(heard).toEqual(['a session could not be looked at; the next round does']);
  expect(await billed()).toEqual(ids.map((_, i) => (i === 1 ? 0 : COST[10])));
  world.provider.fail();
  expect(await round(10)).toEqual({ looked: 6, failed: 0 });
  expect(await billed()).toEqual(ids.map(() => COST[20]));
});

it('bills the others where one owner’s account can’t be written', async () => {
  const heard: string[] = [];
  const { world, ids, billed, round } = await opened(THREE, heard);
  const lanes: Deps['lanes'] = {
    add: (owner, part, weight) =>
      owner === 'cyd' ? Promise.reject(new Error('the store is busy')) : world.deps.lanes.add(owner, part, weight),
  };
  expect(await round(10, { ...world.deps, lanes })).toEqual({ looked: 3, failed: 3 });
  expect(heard).toEqual(['what an owner’s sessions cost was not recorded; the next round does']);
  expect(await billed()).toEqual([COST[10], COST[10], COST[10], 0, 0, 0]);
  expect(await round(0)).toEqual({ looked: 3, failed: 0 });
  expect(await billed()).toEqual(ids.map(() => COST[10]));
});

it('ends a session that its provider has ended, billed to the end on record', async () => {
  const { world, ids, session, billed, round } = await opened(['ann', 'ann']);
  world.pass(5 * MINUTE_MS);
  world.provider.end(ids[0] ?? '', 'preempted');
  expect(await round(5)).toEqual({ looked: 2, failed: 0 });
  expect(await session(ids[0])).toMatchObject({ status: 'terminating', status_reason: 'preempted' });
  // It is due until it has ended, and counts as looked at.
  expect(await round(0)).toEqual({ looked: 1, failed: 0 });
  await world.work();
  const ended_at = iso(START + 5 * MINUTE_MS);
  expect(await session(ids[0])).toMatchObject({ status: 'failed', status_reason: 'preempted', ended_at });
  expect(await session(ids[1])).toMatchObject({ status: 'running' });
  expect(await billed()).toEqual([COST[5], COST[10]]);
});

it.each<{ readonly what: string; readonly seen: Partial<Observation> }>([
  { what: 'not there', seen: { state: 'absent', started_at: null } },
  { what: 'starting, as a late order made it again', seen: { state: 'starting', started_at: null } },
  { what: 'running since another start', seen: { started_at: START + 1 } },
])('ends a session that is seen $what, and bills none of it', async ({ seen }) => {
  const { world, ids, session, round } = await opened(['ann']);
  const [compute] = world.deps.computes.all as [Compute];
  const other: Compute = { ...compute, observe: async (target) => ({ ...(await compute.observe(target)), ...seen }) };
  const computes = { ...world.deps.computes, byDriver: () => other };
  expect(await round(10, { ...world.deps, computes })).toEqual({ looked: 1, failed: 0 });
  const ending = { status: 'terminating', status_reason: 'session_ended', billed_nano: 0 };
  expect(await session(ids[0])).toMatchObject(ending);
});

it('leaves a session alone that was changed since it was looked at', async () => {
  const { world, ids, session, round } = await opened(['ann', 'ann']);
  const before = await session(ids[0]);
  const lanes: Deps['lanes'] = {
    add: async (owner, part, weight) => {
      const end = { reason: 'user_requested' } as const;
      await transact(world.deps.store, async (draft) => beginEnd(world.deps, draft, call, before, end));
      return world.deps.lanes.add(owner, part, weight);
    },
  };
  await round(10, { ...world.deps, lanes });
  expect(await session(ids[0])).toMatchObject({
    status: 'terminating',
    status_reason: 'user_requested',
    billed_nano: 0,
  });
  expect(await session(ids[1])).toMatchObject({ status: 'running', billed_nano: COST[10] });
});

it('looks every minute at the sessions of an owner whose budget ends them, and at no others', async () => {
  const { world, round, billed } = await opened(['ann', 'bob']);
  await putUser(world.deps, call, { user_id: 'ann', monthly_budget_usd: 1, budget_action: 'terminate' });
  const looks: number[] = [];
  for (let minute = 1; minute <= 10; minute++) looks.push((await round(1)).looked);
  expect(looks).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
  expect(await billed()).toEqual([COST[10], COST[10]]);
});

it('ends all sessions of an owner once what the budget allows is spent, and none before', async () => {
  const { world, ids, session, spent, round } = await opened(['ann', 'ann', 'bob']);
  const monthly_budget_usd = (2 * COST[2]) / 1e9;
  await putUser(world.deps, call, { user_id: 'ann', monthly_budget_usd, budget_action: 'terminate' });
  await round(1);
  expect(spent()[0]).toEqual(['ann', 2 * COST[1]]);
  expect(await session(ids[0])).toMatchObject({ status: 'running' });
  await round(1);
  for (const id of ids.slice(0, 2)) {
    expect(await session(id)).toMatchObject({ status: 'terminating', status_reason: 'budget_exceeded' });
  }
  await world.work();
  for (const id of ids.slice(0, 2)) {
    expect(await session(id)).toMatchObject({ status: 'terminated', status_reason: 'budget_exceeded' });
  }
  expect(await session(ids[2])).toMatchObject({ status: 'running' });
  expect(spent()[0]).toEqual(['ann', 2 * COST[2]]);
});
