import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { troubledStore } from '../../../test/support/troubled-store.ts';
import type { Problem } from '#contract/errors.ts';
import { StoreBusy } from '#ports/store.ts';
import { type Call, systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { createLanes } from '../kernel/lanes.ts';
import { authenticate } from '../keys/authenticate.ts';
import { createKey } from '../keys/create.ts';
import {
  accounts,
  audit,
  keys,
  memberKey,
  members,
  userKey,
  users,
  workspaceKey,
  workspaces,
} from '../model/collections.ts';
import { unknownUser } from '../kernel/users.ts';
import { putMember } from '../members/put.ts';
import { createSession } from '../sessions/create/create.ts';
import { endSession } from '../sessions/end.ts';
import { meterStorage } from '../sweeps/meter-storage.ts';
import { createWorkspace } from '../workspaces/create.ts';
import { deleteWorkspace } from '../workspaces/delete.ts';
import { deleteUser } from './delete.ts';
import { putUser } from './put.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const call = systemCall('test');
const KEYS = 130;
const MEMBERSHIPS = 120;

/** A user with more keys and memberships than one transaction takes. */
const opened = async () => {
  const world = openIdeal(START);
  const troubled = troubledStore(world.deps.store, new StoreBusy('busy'));
  const deps: Deps = { ...world.deps, store: troubled.store, lanes: createLanes(troubled.store) };
  await deps.store.put(users, userKey('ann'), unknownUser(deps, 'ann'));
  const made = await createKey(deps, call, { name: 'one', user_id: 'ann' });
  const first = (await deps.store.get(keys, made.key_id))?.data;
  if (!first) throw new Error('the key that was made is not there');
  for (let n = 1; n < KEYS; n++) await deps.store.put(keys, `key-${n}`, { ...first, key_id: `key-${n}` });
  for (let n = 0; n < MEMBERSHIPS; n++) {
    const workspace = workspaceKey(`owner-${n}`, 'shared');
    const at = { owner: `owner-${n}`, workspace_id: 'shared', workspace_key: workspace };
    const member = { ...at, member_id: 'ann', role: 'editor', added_at: '2026-01-01T00:00:00.000Z' } as const;
    await deps.store.put(members, memberKey(workspace, 'ann'), member);
  }
  troubled.sizes();
  troubled.trouble({});
  const open = () => world.documents.all(keys).filter(({ revoked_at }) => revoked_at === null).length;
  const remove = () => deleteUser(deps, call, { user_id: 'ann' });
  const there = async () => (await deps.store.get(users, userKey('ann')))?.data;
  return { world, deps, troubled, open, remove, there };
};

it('revokes every key and ends every membership, at most 50 documents at a time', async () => {
  const { world, troubled, open, remove, there } = await opened();
  expect(await remove()).toEqual({ deleted: true });
  expect(open()).toBe(0);
  expect(world.documents.all(members)).toEqual([]);
  expect(await there()).toBeUndefined();
  expect(Math.max(...troubled.sizes())).toBeLessThanOrEqual(50);
  const entries = world.documents.all(audit).filter(({ target }) => target === 'ann');
  expect(entries.filter(({ action }) => action === 'user.deleting').map(({ detail }) => detail)).toEqual([
    {},
    ...[49, 49, KEYS - 98].map((keys_revoked) => ({ keys_revoked })),
    ...[49, 49, MEMBERSHIPS - 98].map((memberships_ended) => ({ memberships_ended })),
  ]);
  expect(entries.at(-1)).toMatchObject({ action: 'system', detail: { keys_revoked: KEYS } });
  expect(await remove()).toEqual({ deleted: false });
});

it.each([2, 3, 4, 5, 6, 7, 8])('is finished by the same call where it was cut off at transaction %i', async (cut) => {
  const { world, troubled, open, remove, there } = await opened();
  troubled.trouble({ [cut]: 'refused' });
  const last = 8;
  await expect(remove()).rejects.toThrow('busy');
  // The user is deleted last: what is half done does not look done.
  expect(await there()).toMatchObject({ user_id: 'ann', deleting: true });
  if (cut < last) expect(open() + world.documents.all(members).length).toBeGreaterThan(0);
  // Keys are first, as they open something.
  if (open() > 0) expect(world.documents.all(members)).toHaveLength(MEMBERSHIPS);
  troubled.trouble({});
  expect(await remove()).toEqual({ deleted: true });
  expect([open(), world.documents.all(members).length, await there()]).toEqual([0, 0, undefined]);
});

it('makes nothing new for a user whose deletion has begun, so that one walk finds every key', async () => {
  const { deps, troubled, open, remove } = await opened();
  troubled.trouble({ 3: 'refused' });
  await expect(remove()).rejects.toThrow('busy');
  const before = open();
  expect(before).toBeGreaterThan(0);
  const says = { code: 'conflict', message: expect.stringMatching(/^User ann is being deleted/) };
  await expect(createKey(deps, call, { name: 'late', user_id: 'ann' })).rejects.toMatchObject(says);
  await expect(createSession(deps, call, { user: 'ann', provider: 'gke' })).rejects.toMatchObject(says);
  const asked = { user_id: 'ann', workspace_id: 'late', name: 'late', resource_package: 'dev_small' } as const;
  await expect(createWorkspace(deps, call, asked)).rejects.toMatchObject(says);
  expect(open()).toBe(before);
});

const withoutRest = () => {
  const world = openIdeal(START);
  const { deps } = world;
  /** A call by a key that was authenticated, and is on its way while the user is deleted. */
  const onItsWay = async (asked: Parameters<typeof createKey>[2]): Promise<Call> => {
    const key = await createKey(deps, call, asked);
    const background = { ...deps.background, run: () => undefined };
    return { ...call, actor: await authenticate({ ...deps, background }, key.secret ?? '') };
  };
  const gone = async () => (await deps.store.get(users, userKey('ann'))) === null;
  return { world, deps, onItsWay, gone };
};

it('is not undone by a call that was on its way', async () => {
  const { world, deps, onItsWay, gone } = withoutRest();
  await putUser(deps, call, { user_id: 'ann', monthly_budget_usd: 0.001, budget_action: 'refuse' });
  const late = await onItsWay({ name: 'k', user_id: 'ann' });
  const session = () => createSession(deps, late, { provider: 'gke', ttl_minutes: 60 });
  await expect(session()).rejects.toMatchObject({ code: 'budget_exceeded' });
  expect(await deleteUser(deps, call, { user_id: 'ann' })).toEqual({ deleted: true });
  const says = { code: 'unauthenticated', message: 'This key was revoked. Use another key.' };
  await expect(session()).rejects.toMatchObject(says);
  const workspace = { user_id: 'ann', workspace_id: 'late', name: 'late', resource_package: 'dev_small' } as const;
  await expect(createWorkspace(deps, late, workspace)).rejects.toMatchObject(says);
  await expect(createKey(deps, late, { name: 'late' })).rejects.toMatchObject(says);
  expect(await gone()).toBe(true);
  expect(world.documents.all(workspaces)).toEqual([]);
  // By the key of an admin it is a new user.
  const admin = await onItsWay({ name: 'admin' });
  expect(await createSession(deps, admin, { user: 'ann', provider: 'gke' })).toMatchObject({ status: 'creating' });
  expect(await gone()).toBe(false);
});

it('is not undone by a key for one of the user’s workspaces', async () => {
  const { world, deps, onItsWay, gone } = withoutRest();
  const { id } = await createSession(deps, call, { user: 'ann', provider: 'gke' });
  await endSession(deps, call, { id, force: true, wait: 0 });
  await world.work();
  const confined = await onItsWay({ name: 'k', workspace_id: 'default', workspace_owner: 'ann' });
  await deleteWorkspace(deps, call, { user_id: 'ann', workspace_id: 'default', force: false });
  expect(await deleteUser(deps, call, { user_id: 'ann' })).toEqual({ deleted: true });
  const again = createSession(deps, confined, { user: 'ann', provider: 'gke', workspace_id: 'default' });
  await expect(again).rejects.toMatchObject({ code: 'forbidden', message: expect.stringMatching(/was deleted/) });
  expect(await gone()).toBe(true);
});

it('is not undone by the meter, which bills what is kept of the user’s storage', async () => {
  const { world, deps, gone } = withoutRest();
  const at = { user_id: 'ann', workspace_id: 'lab' } as const;
  await createWorkspace(deps, call, { ...at, name: 'lab', resource_package: 'dev_small' });
  const asked = { user: 'ann', workspace_id: 'lab', provider: 'gke', request_bucket: true } as const;
  const { id } = await createSession(deps, call, asked);
  await endSession(deps, call, { id, force: true, wait: 0 });
  await world.work();
  await deleteWorkspace(deps, call, { ...at, force: false });
  expect(await deleteUser(deps, call, { user_id: 'ann' })).toEqual({ deleted: true });
  const spent = async () => (await deps.store.get(accounts, userKey('ann')))?.data.months['2026-03']?.spent ?? 0;
  const before = await spent();
  world.pass(2 * 3_600_000);
  await meterStorage(deps);
  expect(await spent()).toBeGreaterThan(before);
  expect(await gone()).toBe(true);
});

it('gives no membership to a user whose deletion has begun, at any of its steps', async () => {
  const { world, deps, troubled, remove } = await opened();
  await createWorkspace(deps, call, {
    user_id: 'bob',
    workspace_id: 'lab',
    name: 'lab',
    resource_package: 'dev_small',
  });
  await putUser(deps, call, { user_id: 'bob', user_type: 'pro' });
  const other: Deps = { ...deps, store: world.deps.store };
  const says: string[] = [];
  troubled.trouble({});
  for (let step = 2; step <= 8; step++)
    troubled.before(step, () =>
      putMember(other, call, { user_id: 'bob', workspace_id: 'lab', member_id: 'ann', role: 'editor' }).then(
        () => says.push('given'),
        (error: Problem) => says.push(error.message),
      ),
    );
  expect(await remove()).toEqual({ deleted: true });
  expect(world.documents.all(members)).toEqual([]);
  expect(says).toHaveLength(7);
  for (const sentence of says) expect(sentence).toMatch(/^User ann is being deleted/);
});

it('stops where a PUT keeps the user meanwhile', async () => {
  const { deps, troubled, open, remove, there } = await opened();
  troubled.before(3, () => putUser(deps, call, { user_id: 'ann' }));
  await expect(remove()).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/is kept/) });
  expect(await there()).not.toHaveProperty('deleting');
  expect(open()).toBeGreaterThan(0);
});

it('says once that it is deleted where two calls delete at the same time', async () => {
  const { remove } = await opened();
  const answers = await Promise.all([remove(), remove()]);
  expect(answers.filter(({ deleted }) => deleted)).toHaveLength(1);
});
