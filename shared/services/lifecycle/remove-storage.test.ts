import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import type { StorageDriver, StorageRemoval } from '#ports/storages.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { storage, workspaceKey, workspaces } from '../model/collections.ts';
import { createSession } from '../sessions/create/create.ts';
import { endSession } from '../sessions/end.ts';
import { deleteStorage } from '../storage/delete.ts';
import { meterStorage } from '../sweeps/meter-storage.ts';
import { prune } from '../sweeps/prune.ts';
import { createWorkspace } from '../workspaces/create.ts';
import { deleteWorkspace } from '../workspaces/delete.ts';
import { goOnRemoving } from './remove-storage.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const call = systemCall('test');
const AT = { user_id: 'ann', workspace_id: 'lab' } as const;
/** How long one call of the driver takes, milliseconds. */
const TAKES = 10_000;

/** A workspace with a bucket whose removal takes so many calls. */
const opened = async (parts: number) => {
  const heard: string[] = [];
  const world = openIdeal(START, {}, heard);
  let left = parts;
  let calls = 0;
  const remove = async (): Promise<StorageRemoval> => {
    calls += 1;
    left -= 1;
    world.pass(TAKES);
    return left > 0 ? 'more' : 'gone';
  };
  const { storages } = world.deps;
  const large = (driver: StorageDriver): StorageDriver => (driver.kind === 'bucket' ? { ...driver, remove } : driver);
  const deps: Deps = {
    ...world.deps,
    storages: { all: storages.all.map(large), of: (provider, kind) => large(storages.of(provider, kind)) },
  };
  await createWorkspace(deps, call, { ...AT, name: 'lab', resource_package: 'dev_small' });
  const { id } = await createSession(deps, call, {
    ...{ user: 'ann', workspace_id: 'lab', provider: 'gke', request_bucket: true, bucket_size_gb: 1 },
    storage_config: { bucket: 'data' },
  });
  await endSession(deps, call, { id, force: true, wait: 0 });
  await world.work();
  const key = workspaceKey('ann', 'lab');
  return {
    ...{ world, deps, heard },
    calls: () => calls,
    record: () => world.documents.all(storage)[0],
    workspace: async () => (await deps.store.get(workspaces, key))?.data,
  };
};

const removal = (deps: Deps) => deleteStorage(deps, call, { ...AT, kind: 'bucket', name: 'data' });

it('is done in one call where the driver does it within the time of one', async () => {
  const { deps, record, calls, workspace } = await opened(2);
  expect(await removal(deps)).toEqual({ deleted: true });
  expect(calls()).toBe(2);
  expect(record()).toBeUndefined();
  expect(await workspace()).toMatchObject({ buckets: 0 });
});

it('of a large bucket goes on in tasks, and until its end the bucket is on record and can’t be mounted', async () => {
  const { deps, world, record, workspace, calls, heard } = await opened(7);
  await expect(removal(deps)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^The bucket data holds so much .* The removal continues/),
  });
  expect(calls()).toBe(2);
  expect(record()).toMatchObject({ removing: true });
  expect(await workspace()).toMatchObject({ buckets: 1 });
  const mount = createSession(deps, call, {
    ...{ user: 'ann', workspace_id: 'lab', provider: 'gke', request_bucket: true, bucket_size_gb: 1 },
    storage_config: { bucket: 'data' },
  });
  await expect(mount).rejects.toMatchObject({ code: 'conflict' });
  await world.work(deps);
  expect(calls()).toBe(7);
  expect(record()).toBeUndefined();
  expect(await workspace()).toMatchObject({ buckets: 0 });
  expect(heard).toEqual([]);
});

it('goes on by the meter where its task is lost', async () => {
  const { deps, world, record, calls } = await opened(5);
  const lost: Deps = { ...deps, queue: { enqueue: async () => true } };
  await expect(removal(lost)).rejects.toMatchObject({ code: 'unavailable' });
  for (let rounds = 0; rounds < 3 && record(); rounds++) {
    world.pass(60_000);
    await meterStorage(lost);
  }
  expect(calls()).toBe(5);
  expect(record()).toBeUndefined();
});

it('holds up the purge of its workspace until it is gone', async () => {
  const { deps, world, record, workspace, calls } = await opened(6);
  await deleteWorkspace(deps, call, { ...AT, force: true });
  await world.work(deps);
  expect(calls()).toBe(6);
  expect(record()).toBeUndefined();
  expect((await workspace())?.retained_until).not.toBeNull();
  await prune(deps);
  expect(await workspace()).toMatchObject({ retained_until: null, buckets: 0 });
});

it('is of the bucket that it was ordered for, not of one that was made again under the name', async () => {
  const { deps, record, calls } = await opened(1);
  const { id = '', key = '' } = record() ?? {};
  expect(await goOnRemoving(deps, { v: 1, storage_id: id, key })).toBe('kept');
  expect(await goOnRemoving(deps, { v: 1, storage_id: id, key: 'another' })).toBe('kept');
  expect(await goOnRemoving(deps, { v: 1, storage_id: 'none', key })).toBe('kept');
  expect(calls()).toBe(0);
});
