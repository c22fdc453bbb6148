import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { troubledStore } from '../../../test/support/troubled-store.ts';
import { StoreBusy } from '#ports/store.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { createLanes } from '../kernel/lanes.ts';
import { memberKey, members, storage, workspaceKey, workspaces } from '../model/collections.ts';
import type { MemberDoc, WorkspaceDoc } from '../model/docs.ts';
import { createSession } from '../sessions/create/create.ts';
import { endSession } from '../sessions/end.ts';
import { listStorage } from '../storage/list.ts';
import { createWorkspace } from '../workspaces/create.ts';
import { deleteWorkspace } from '../workspaces/delete.ts';
import { purgeWorkspace } from './purge-workspace.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const call = systemCall('test');
const AT = { user_id: 'ann', workspace_id: 'shared' } as const;
const KEY = workspaceKey('ann', 'shared');
const BUCKETS = 70;
const MEMBERS = 120;

/** A workspace with more members and buckets than one transaction takes. */
const opened = async () => {
  const world = openIdeal(START);
  const troubled = troubledStore(world.deps.store, new StoreBusy('busy'));
  const deps: Deps = { ...world.deps, store: troubled.store, lanes: createLanes(troubled.store) };
  await createWorkspace(deps, call, { ...AT, name: 'shared', resource_package: 'dev_small' });
  for (let n = 0; n < BUCKETS; n++) {
    const asked = {
      user: 'ann',
      workspace_id: 'shared',
      provider: 'gke',
      request_bucket: true,
      bucket_size_gb: 1,
    } as const;
    const { id } = await createSession(deps, call, { ...asked, storage_config: { bucket: `bucket-${n}` } });
    await endSession(deps, call, { id, force: true, wait: 0 });
  }
  await world.work();
  for (let n = 0; n < MEMBERS; n++) {
    const member: MemberDoc = {
      ...{ owner: 'ann', workspace_id: 'shared', workspace_key: KEY, member_id: `member-${n}` },
      ...{ role: 'viewer', added_at: '2026-01-01T00:00:00.000Z' },
    };
    await deps.store.put(members, memberKey(KEY, member.member_id), member);
  }
  troubled.sizes();
  troubled.trouble({});
  const workspace = async () => (await deps.store.get(workspaces, KEY))?.data as WorkspaceDoc;
  const kept = async () => {
    const { items } = await listStorage(deps, call, { ...AT, kind: 'bucket' });
    return new Set(items.map(({ retained_until }) => retained_until));
  };
  return { world, deps, troubled, workspace, kept };
};

it('says of each bucket until when it is kept, and writes none of them for that', async () => {
  const { deps, troubled, kept } = await opened();
  expect(await kept()).toEqual(new Set([null]));
  const { retained_until } = await deleteWorkspace(deps, call, { ...AT, force: false });
  expect(await kept()).toEqual(new Set([retained_until]));
  await createWorkspace(deps, call, { ...AT, name: 'shared', resource_package: 'dev_small' });
  expect(await kept()).toEqual(new Set([null]));
  expect(Math.max(...troubled.sizes())).toBeLessThanOrEqual(5);
});

it('takes out members and data, at most 50 documents at a time, and goes on where it was cut off', async () => {
  const { world, deps, troubled, workspace } = await opened();
  await deleteWorkspace(deps, call, { ...AT, force: true });
  const { generation } = await workspace();
  const at = { owner: 'ann', workspace_id: 'shared', generation };
  // Two transactions for each bucket, and then the second batch of members.
  troubled.trouble({ [2 * BUCKETS + 2]: 'refused' });
  await expect(purgeWorkspace(deps, at)).rejects.toThrow('busy');
  expect(world.documents.all(storage)).toEqual([]);
  expect(world.documents.all(members)).toHaveLength(MEMBERS - 50);
  // Until all of them are out, it still counts and is found again.
  expect((await workspace()).retained_until).not.toBeNull();
  troubled.trouble({});
  await purgeWorkspace(deps, at);
  expect(world.documents.all(members)).toEqual([]);
  expect(await workspace()).toMatchObject({ retained_until: null, buckets: 0 });
  expect(Math.max(...troubled.sizes())).toBeLessThanOrEqual(50);
});

it('counts nothing as removed that it has left, where its clock is set back in the middle', async () => {
  const { world, deps, workspace } = await opened();
  await deleteWorkspace(deps, call, { ...AT, force: true });
  const { generation } = await workspace();
  let looks = 0;
  // Before the workspace was deleted, from the second look at the clock on.
  const clock = { ...deps.clock, now: () => (looks++ === 0 ? world.now() : START - 60_000) };
  await purgeWorkspace({ ...deps, clock }, { owner: 'ann', workspace_id: 'shared', generation });
  expect(await workspace()).toMatchObject({ retained_until: null, buckets: 0 });
  expect(world.documents.all(storage)).toEqual([]);
});
