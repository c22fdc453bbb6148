import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { iso } from '#ports/clock.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { sessions } from '../model/collections.ts';
import { createSession } from '../sessions/create/create.ts';
import { prune } from './prune.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');

it('removes the other old sessions where the record of one can’t be removed', async () => {
  const heard: string[] = [];
  const { deps } = openIdeal(START, {}, heard);
  const ids: string[] = [];
  for (const user of ['ann', 'bob', 'cyd']) {
    const { id } = await createSession(deps, systemCall('test'), { user, provider: 'gke' });
    const doc = await deps.store.get(sessions, id);
    if (!doc) throw new Error('the session is not there');
    await deps.store.put(sessions, id, { ...doc.data, purge_at: iso(START - 60_000 + ids.length) });
    ids.push(id);
  }
  const store: Deps['store'] = {
    ...deps.store,
    delete: async (collection, id, version) => {
      if (id === ids[0]) throw new Error('the store refuses this one');
      return deps.store.delete(collection, id, version);
    },
  };
  await prune({ ...deps, store });
  const left = await Promise.all(ids.map((id) => deps.store.get(sessions, id)));
  expect(left.map((doc) => doc !== null)).toEqual([true, false, false]);
  expect(heard).toEqual(['an old session’s record was not removed; the next run tries again']);
});
