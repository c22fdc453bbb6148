import { expect, it } from 'vitest';
import type { Lanes } from '#services/kernel/lanes.ts';
import { systemCall } from '#services/kernel/call.ts';
import { sessions, storage, workspaces } from '#services/model/collections.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { endSession } from '#services/sessions/end.ts';
import { prune } from '#services/sweeps/prune.ts';
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

it('ends the sessions of a workspace that is deleted by force, few in a transaction, and goes on where it was cut short', async () => {
  const world = openIdeal(Date.parse('2026-02-01T00:00:00.000Z'));
  const call = systemCall('test');
  const many = Array.from({ length: 120 }, () => createSession(world.deps, call, { user: 'ann', provider: 'gke' }));
  await Promise.all(many);
  await world.work();
  const live = () => world.documents.all(sessions).filter(({ end }) => end === null).length;
  let parts = 0;
  const lanes: Lanes = {
    add: async (owner, part, weight) => {
      parts += 1;
      if (parts === 3) throw new Error('the process dies');
      const before = live();
      const result = await world.deps.lanes.add(owner, part, weight);
      expect(before - live()).toBeLessThanOrEqual(50);
      return result;
    },
  };
  const input = { user_id: 'ann', workspace_id: 'default', force: true };
  await expect(deleteWorkspace({ ...world.deps, lanes }, call, input)).rejects.toThrow('the process dies');
  expect(live()).toBeGreaterThan(0);
  await prune(world.deps);
  await world.work();
  expect(live()).toBe(0);
  expect(world.documents.all(workspaces)).toMatchObject([{ status: 'deleted', live_sessions: 0 }]);
});
