import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { troubledStore } from '../../../test/support/troubled-store.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { createLanes } from '../kernel/lanes.ts';
import { purgeWorkspace } from '../lifecycle/purge-workspace.ts';
import { putMember } from '../members/put.ts';
import { memberKey, members, sessions, workspaceKey, workspaces } from '../model/collections.ts';
import type { MemberDoc, WorkspaceDoc } from '../model/docs.ts';
import { createSession } from '../sessions/create/create.ts';
import { endSession } from '../sessions/end.ts';
import { putUser } from '../users/put.ts';
import { createWorkspace } from './create.ts';
import { deleteWorkspace } from './delete.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const call = systemCall('test');
const MANY = 120;

/** A user with a workspace that holds no data, and a number of members of it. */
const opened = async (workspace_id: string, count: number) => {
  const world = openIdeal(START);
  const troubled = troubledStore(world.deps.store);
  /** What is started in the background, and does not run before a test wants it. */
  const started: (() => Promise<void>)[] = [];
  const background = {
    ...world.deps.background,
    run: (_: string, work: () => Promise<void>) => void started.push(work),
  };
  const deps: Deps = { ...world.deps, store: troubled.store, lanes: createLanes(troubled.store), background };
  const key = workspaceKey('ann', workspace_id);
  await putUser(deps, call, { user_id: 'ann', user_type: 'pro' });
  const make = () =>
    createWorkspace(deps, call, { user_id: 'ann', workspace_id, name: 'lab', resource_package: 'dev_small' });
  const session = () => createSession(deps, call, { user: 'ann', provider: 'gke' });
  if (workspace_id === 'default') {
    const { id } = await session();
    await endSession(deps, call, { id, force: true, wait: 0 });
    await world.work();
  } else await make();
  for (let n = 0; n < count; n++) {
    const member: MemberDoc = {
      ...{ owner: 'ann', workspace_id, workspace_key: key, member_id: `member-${n}` },
      ...{ role: 'editor', added_at: '2026-01-01T00:00:00.000Z' },
    };
    await deps.store.put(members, memberKey(key, member.member_id), member);
  }
  const remove = (by: Deps = deps) => deleteWorkspace(by, call, { user_id: 'ann', workspace_id, force: false });
  const workspace = async () => (await deps.store.get(workspaces, key))?.data as WorkspaceDoc;
  const left = () => world.documents.all(members).length;
  troubled.sizes();
  troubled.trouble({});
  return { world, deps, troubled, make, session, remove, workspace, left, started };
};

it('are taken out after the deletion, at most 50 at a time, so that no create has to', async () => {
  const { world, troubled, make, remove, workspace, left } = await opened('lab', MANY);
  await remove();
  await world.work();
  expect(left()).toBe(0);
  expect(Math.max(...troubled.sizes())).toBeLessThanOrEqual(50);
  expect(await workspace()).toMatchObject({ status: 'deleted', retained_until: null });
  await make();
  expect(await workspace()).toMatchObject({ status: 'active' });
});

it('are taken out of a workspace that waited for its last session', async () => {
  const { world, deps, session, remove, workspace, left } = await opened('default', MANY);
  const { id } = await session();
  await deleteWorkspace(deps, call, { user_id: 'ann', workspace_id: 'default', force: true });
  expect(await workspace()).toMatchObject({ status: 'deleting' });
  await world.work();
  expect((await deps.store.get(sessions, id))?.data.status).toBe('terminated');
  expect([(await workspace()).status, left()]).toEqual(['deleted', 0]);
  await remove();
});

it('of a workspace that is made again at once are out before it is there', async () => {
  const { world, make, remove, workspace, left } = await opened('lab', 3);
  await remove();
  await make();
  expect([(await workspace()).status, left()]).toEqual(['active', 0]);
  // The task that comes then is for one that is gone.
  await world.work();
  expect((await workspace()).status).toBe('active');
});

it('share no workspace that is deleted and made again while a create is on its way', async () => {
  const { world, deps, troubled, make, remove, workspace, left } = await opened('lab', 3);
  const other = { ...deps, store: world.deps.store, lanes: createLanes(world.deps.store) };
  troubled.before(1, () => remove(other));
  await make();
  expect([(await workspace()).status, left()]).toEqual(['active', 0]);
});

it('stay where the create is refused, and are none of its effects', async () => {
  const { deps, make, remove, left, started } = await opened('lab', 3);
  await remove();
  for (let n = 0; n < 5; n++)
    await createWorkspace(deps, call, {
      ...{ user_id: 'ann', workspace_id: `other-${n}`, name: 'other', resource_package: 'dev_small' },
    });
  await expect(make()).rejects.toMatchObject({ code: 'quota_exceeded' });
  expect([left(), started.length]).toEqual([3, 0]);
});

it.each(['default', 'lab'])(
  'of %s that were left behind are removed in the background, and the create says so',
  async (id) => {
    const { world, make, session, remove, workspace, left, started } = await opened(id, MANY);
    await remove();
    // The task of the deletion has not come.
    const create = id === 'default' ? session : make;
    const says = { code: 'unavailable', message: expect.stringMatching(/still being removed/) };
    await expect(create()).rejects.toMatchObject({ ...says, retryable: true });
    expect([left(), (await workspace()).status, world.documents.all(members).length]).toEqual([MANY, 'deleted', MANY]);
    await Promise.all(started.map((work) => work()));
    expect(left()).toBe(0);
    await create();
    expect((await workspace()).status).toBe('active');
  },
);

it('of the workspace that is there are kept by a task that comes late', async () => {
  const { deps, make, remove, workspace, left } = await opened('lab', 3);
  await remove();
  const { generation } = await workspace();
  await make();
  await putMember(deps, call, { user_id: 'ann', workspace_id: 'lab', member_id: 'bob', role: 'viewer' });
  await purgeWorkspace(deps, { owner: 'ann', workspace_id: 'lab', generation });
  expect(left()).toBe(1);
});
