import { describe, expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { iso } from '#ports/clock.ts';
import type { Observation } from '#ports/compute.ts';
import { systemCall } from '../kernel/call.ts';
import { transact } from '../kernel/draft.ts';
import { unknownUser } from '../kernel/users.ts';
import {
  accounts,
  audit,
  intents,
  ledger,
  rollups,
  sessions,
  storage,
  userKey,
  users,
  workspaceKey,
  workspaces,
} from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { createSession } from '../sessions/create/create.ts';
import { meterSessions } from '../sweeps/meter.ts';
import { beginEnd, type Ending } from './begin-end.ts';
import { settleSession } from './settle.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const MINUTE_MS = 60_000;
const at = (minutes: number) => START + minutes * MINUTE_MS;
const call = systemCall('test');

/** dev_small on GKE, nano-USD: what is reserved for an hour, and the cost of so many minutes. */
const RESERVED = 28_343_143;
const COST = { 10: 4_646_415, 20: 9_292_832, 30: 13_939_250, 40: 18_585_665, 50: 23_232_082 } as const;

type Asked = Partial<Parameters<typeof createSession>[2]>;

const opened = async () => {
  const world = openIdeal(START);
  const { deps } = world;
  // A budget that has room for everything: what is live is reserved.
  await deps.store.put(users, userKey('ann'), { ...unknownUser(deps, 'ann'), monthly_budget_nano: 1_000_000_000_000 });
  const create = async (asked: Asked = {}) => {
    const small = { user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes: 60 } as const;
    return (await createSession(deps, call, { ...small, ...asked })).id;
  };
  const session = async (id: string) => (await deps.store.get(sessions, id))?.data as SessionDoc;
  /** Something wants it gone. */
  const end = async (id: string, ending: Ending = { reason: 'user_requested' }) => {
    const before = await session(id);
    return (await transact(deps.store, async (draft) => beginEnd(deps, draft, call, before, ending))).session;
  };
  return {
    world,
    create,
    session,
    end,
    /** Bills what runs up to so many minutes after the start. */
    meterAt: async (minutes: number) => {
      world.pass(at(minutes) - world.now());
      await meterSessions(deps);
    },
    settle: async (id: string, gone: Observation) => settleSession(deps, await session(id), gone),
    account: async () => (await deps.store.get(accounts, userKey('ann')))?.data,
    month: async () => (await deps.store.get(accounts, userKey('ann')))?.data.months['2026-03'],
    segments: () => world.documents.all(ledger).map(({ kind, from, to, nano_usd }) => [kind, from, to, nano_usd]),
  };
};

/** What its provider has on record. */
const record = (started_at: number | null, ended_at: number | null): Observation => ({
  ...{ state: started_at === null ? 'absent' : 'ended', started_at, ended_at, seen_at: at(90) },
  ...{ reason: null, message: null },
});

/** A session that ran from the start, metered up to so many minutes, and is to end. */
const metered = async (minutes: number) => {
  const all = await opened();
  const id = await all.create();
  await all.world.work();
  await all.meterAt(minutes);
  await all.end(id);
  return { ...all, id };
};

describe('the final bill', () => {
  const whole = [['compute', iso(at(0)), iso(at(20)), COST[20]]];

  it('bills up to the end on the provider’s record', async () => {
    const { id, settle, session, month, segments } = await metered(10);
    expect(await month()).toEqual({ spent: COST[10], reserved: RESERVED - COST[10], storage_reserved: 0 });
    await settle(id, record(at(0), at(20)));
    expect(segments()).toEqual(whole);
    expect(await month()).toEqual({ spent: COST[20], reserved: 0, storage_reserved: 0 });
    expect(await session(id)).toMatchObject({ billed_nano: COST[20], open_nano: 0, segments: 1, reservation: {} });
    expect(await session(id)).toMatchObject({ ended_at: iso(at(20)), metered_until: iso(at(20)) });
  });

  it('gives back within the open hour, so that the ledger never has what was too much', async () => {
    const { id, settle, session, month, segments } = await metered(30);
    expect(await month()).toMatchObject({ spent: COST[30], reserved: RESERVED - COST[30] });
    expect(segments()).toEqual([]);
    await settle(id, record(at(0), at(20)));
    expect(segments()).toEqual(whole);
    expect(await month()).toEqual({ spent: COST[20], reserved: 0, storage_reserved: 0 });
    expect(await session(id)).toMatchObject({ billed_nano: COST[20], open_nano: 0, ended_at: iso(at(20)) });
  });

  it('gives back by a correction what the ledger has', async () => {
    const { world, id, settle, session, month, segments } = await metered(50);
    const hour = ['compute', iso(at(0)), iso(at(40)), COST[40]];
    expect(segments()).toEqual([hour]);
    expect(await session(id)).toMatchObject({ billed_nano: COST[50], open_nano: COST[50] - COST[40] });
    await settle(id, record(at(0), at(20)));
    expect(segments()).toEqual([hour, ['correction', iso(at(20)), iso(at(40)), COST[20] - COST[40]]]);
    expect(world.documents.all(ledger).map(({ milliseconds }) => milliseconds / MINUTE_MS)).toEqual([40, -20]);
    const sums = world.documents.all(rollups).flatMap(({ rows }) => rows.map(({ nano_usd }) => nano_usd));
    expect(sums).toEqual([COST[40], COST[20] - COST[40]]);
    expect(await month()).toEqual({ spent: COST[20], reserved: 0, storage_reserved: 0 });
    expect(await session(id)).toMatchObject({ billed_nano: COST[20], open_nano: 0, segments: 2 });
  });

  it.each([
    { what: 'no record', gone: record(null, null) },
    { what: 'the record of another start', gone: record(at(10), at(30)) },
    { what: 'a record without an end', gone: record(at(0), null) },
  ])('ends where it was last seen running, where there is $what', async ({ gone }) => {
    const { id, settle, session, segments } = await metered(20);
    await settle(id, gone);
    expect(segments()).toEqual(whole);
    expect(await session(id)).toMatchObject({ billed_nano: COST[20], ended_at: iso(at(20)) });
  });

  it('is nothing where the record ends before the start', async () => {
    const { id, settle, session, month } = await metered(20);
    await settle(id, record(at(0), at(-1)));
    expect(await session(id)).toMatchObject({ billed_nano: 0, started_at: iso(at(0)), ended_at: iso(at(0)) });
    expect(await month()).toEqual({ spent: 0, reserved: 0, storage_reserved: 0 });
  });

  it('is nothing for a session that never ran, and gives back all that was reserved', async () => {
    const { world, create, end, settle, session, month, segments } = await opened();
    const id = await create();
    expect(await month()).toMatchObject({ reserved: RESERVED });
    await end(id);
    world.pass(MINUTE_MS);
    await settle(id, record(null, null));
    expect(await session(id)).toMatchObject({
      started_at: null,
      ended_at: iso(at(1)),
      billed_nano: 0,
      reservation: {},
    });
    expect(await month()).toEqual({ spent: 0, reserved: 0, storage_reserved: 0 });
    expect(segments()).toEqual([]);
  });

  it('bills a session that ran unseen by what its provider has on record', async () => {
    const { create, end, settle, session, month, segments } = await opened();
    const id = await create();
    await end(id);
    await settle(id, record(at(10), at(30)));
    expect(segments()).toEqual([['compute', iso(at(10)), iso(at(30)), COST[20]]]);
    expect(await session(id)).toMatchObject({ started_at: iso(at(10)), ended_at: iso(at(30)), billed_nano: COST[20] });
    expect(await month()).toEqual({ spent: COST[20], reserved: 0, storage_reserved: 0 });
  });
});

describe('a session that has ended', () => {
  it('has the status of what ended it, and is due for no sweep but the one that removes its record', async () => {
    const { world, create, end, settle, session } = await opened();
    const id = await create({ request_bucket: true, env: { SECRET: 'x' } });
    await world.work();
    await end(id, { reason: 'preempted', said: 'the node went' });
    expect(world.documents.all(intents)).toMatchObject([{ kind: 'terminate' }]);
    world.pass(20 * MINUTE_MS);
    await settle(id, record(at(0), at(20)));
    expect(await session(id)).toMatchObject({
      ...{ status: 'failed', status_reason: 'preempted', status_message: expect.stringMatching(/^the node went\./) },
      ...{ live: null, live_until: null, meter_due: null, recent: true, env_sealed: null, storage_status: 'detached' },
      purge_at: iso(at(20) + 90 * 86_400_000),
    });
    expect(world.documents.all(intents)).toEqual([]);
    expect(world.documents.all(audit).at(-1)).toMatchObject({
      ...{ action: 'session.failed', session_id: id, workspace_owner: 'ann' },
      detail: { reason: 'preempted', billed_nano_usd: COST[20] },
    });
  });

  it('gives back its place, its namespace and its count in the workspace', async () => {
    const { world, create, end, settle, account } = await opened();
    const [first, second] = [await create({ namespace: 'work' }), await create({ namespace: 'work' })];
    await create({ namespace: 'play' });
    const counted = () => world.documents.all(workspaces).map(({ live_sessions }) => live_sessions);
    for (const id of [first, second]) await end(id);
    await settle(first, record(null, null));
    expect(await account()).toMatchObject({
      live_sessions: 2,
      live_namespaces: [
        { user: 'ann', namespace: 'work', sessions: 1 },
        { user: 'ann', namespace: 'play', sessions: 1 },
      ],
    });
    expect(counted()).toEqual([2]);
    await settle(second, record(null, null));
    expect((await account())?.live_namespaces).toEqual([{ user: 'ann', namespace: 'play', sessions: 1 }]);
    expect((await account())?.live_sessions).toBe(1);
    expect((await account())?.months['2026-03']?.reserved).toBe(RESERVED);
    expect(counted()).toEqual([1]);
  });

  it('holds its volume and bucket no more, and the others that mount them do', async () => {
    const { world, create, end, settle } = await opened();
    const first = await create({ request_bucket: true, request_persistent_storage: true });
    const second = await create({ request_bucket: true });
    const holders = () => Object.fromEntries(world.documents.all(storage).map(({ kind, held_by }) => [kind, held_by]));
    expect(holders()).toEqual({ volume: [first], bucket: [first, second] });
    await end(first);
    await settle(first, record(null, null));
    expect(holders()).toEqual({ volume: [], bucket: [second] });
  });

  it('completes the deletion of its workspace, if it was the last one there', async () => {
    const { world, create, end, settle } = await opened();
    const [first, second] = [await create(), await create()];
    for (const id of [first, second]) await end(id);
    const [workspace] = world.documents.all(workspaces);
    if (!workspace) throw new Error('no workspace');
    await world.deps.store.put(workspaces, workspaceKey('ann', 'default'), { ...workspace, status: 'deleting' });
    const status = () => world.documents.all(workspaces).map((each) => each.status);
    await settle(first, record(null, null));
    expect(status()).toEqual(['deleting']);
    await settle(second, record(null, null));
    expect(status()).toEqual(['deleted']);
  });

  it('shares a transaction with the others of its owner that end together', async () => {
    const { world, create, end, settle, account } = await opened();
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push(await create());
    await world.work();
    await Promise.all(ids.map((id) => end(id)));
    const before = world.written(accounts);
    await Promise.all(ids.map((id) => settle(id, record(at(0), at(10)))));
    expect(world.written(accounts) - before).toBeLessThanOrEqual(2);
    expect(await account()).toMatchObject({ live_sessions: 0 });
  });

  it('is settled once, by the first record', async () => {
    const { world, id, settle, session } = await metered(30);
    const first = await settle(id, record(at(0), at(20)));
    expect(first).toEqual(await session(id));
    const { commits } = world.documents;
    expect(await settle(id, record(at(0), at(25)))).toEqual(first);
    expect(world.documents.commits).toBe(commits);
  });

  it('is one that was to end: a session that nothing wants gone is left as it is', async () => {
    const { world, create, settle, session } = await opened();
    const id = await create();
    await world.work();
    const { commits } = world.documents;
    expect(await settle(id, record(at(0), at(20)))).toEqual(await session(id));
    expect(await session(id)).toMatchObject({ status: 'running', live: true });
    expect(world.documents.commits).toBe(commits);
  });
});
