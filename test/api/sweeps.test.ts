import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Compute } from '#ports/compute.ts';
import type { Storages } from '#ports/storages.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { storage } from '#services/model/collections.ts';
import { meterStorage } from '#services/sweeps/meter-storage.ts';
import { reconcile } from '#services/sweeps/reconcile.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const broken = (): Promise<never> => Promise.reject(new Error('the provider is broken'));

describe('one that the provider fails keeps none of the others waiting', () => {
  it('when storage is billed', async () => {
    const { deps } = world.platform;
    const before = (await deps.store.query(storage, { limit: 100 })).docs;
    expect(before.map(({ data }) => data.kind).toSorted()).toEqual(['bucket', 'volume']);
    // The bucket comes first, so that the volume waits behind it.
    for (const { id, data } of before) {
      const due = data.kind === 'bucket' ? '2020-01-01T00:00:00.000Z' : '2020-01-02T00:00:00.000Z';
      // Billed last two hours ago: one of them is over at least.
      const before = new Date(Date.now() - 7_200_000).toISOString();
      const billed = { created_at: before, metered_until: before, ledgered_until: before };
      await deps.store.put(storage, id, { ...data, ...billed, meter_due: due, over_limit: data.kind === 'bucket' });
    }
    const storages: Storages = {
      ...deps.storages,
      of: (provider, kind) =>
        Object.assign(Object.create(deps.storages.of(provider, kind)), kind === 'bucket' ? { usage: broken } : {}),
    };
    const failing: Deps = { ...deps, storages };
    await meterStorage(failing);
    for (const { data } of (await deps.store.query(storage, { limit: 100 })).docs) {
      expect(data.segments).toBeGreaterThanOrEqual(1);
      // Nobody knows what the bucket holds now: what was known of it stays.
      expect(data.over_limit).toBe(data.kind === 'bucket');
    }
  });

  it('when orphans are removed', async () => {
    const { deps } = world.platform;
    const [real] = deps.computes.all;
    if (!real) throw new Error('there is no driver');
    const left = new Set(['one', 'two', 'three', 'four']);
    // No session can have this id, and a store refuses to look for it.
    const idOf = (key: string): string => (key === 'three' ? '../three' : `ses-${key}`);
    const compute: Compute = {
      ...real,
      list: async () =>
        [...left].map((key) => ({
          target: { key, owner: '', workspace_id: '', ref: null },
          session_id: idOf(key),
          created_at: 0,
          ended: false,
        })),
      remove: async (at) => {
        if (at.key === 'one') return broken();
        left.delete(at.key);
        return real.remove(at, { grace_ms: 0 });
      },
    };
    await reconcile({ ...deps, computes: { ...deps.computes, all: [compute] } });
    expect([...left]).toEqual(['one']);
  });
});
