import { expect, it } from 'vitest';
import { systemCall } from '#services/kernel/call.ts';
import { storage, workspaces } from '#services/model/collections.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { endSession } from '#services/sessions/end.ts';
import { deleteWorkspace } from '#services/workspaces/delete.ts';
import { openIdeal } from './world/ideal.ts';

const DAY_MS = 24 * 3_600_000;

it('keeps a deleted workspace’s data for 100 days by tasks alone, though a queue takes none so far ahead', async () => {
  const world = openIdeal(Date.parse('2026-02-01T00:00:00.000Z'), { retention_days: 100 });
  const call = systemCall('test');
  const asked = { user: 'ann', provider: 'gke', request_persistent_storage: true } as const;
  const { id } = await createSession(world.deps, call, asked);
  await world.work();
  await endSession(world.deps, call, { id, force: true, wait: 0 });
  await world.work();
  await deleteWorkspace(world.deps, call, { user_id: 'ann', workspace_id: 'default', force: false });
  for (let day = 1; day < 100; day++) {
    world.pass(DAY_MS);
    await world.work();
  }
  expect(world.documents.all(storage)).toHaveLength(1);
  world.pass(2 * DAY_MS);
  await world.work();
  expect(world.documents.all(storage)).toEqual([]);
  expect(world.documents.all(workspaces)).toMatchObject([{ status: 'deleted', retained_until: null }]);
});
