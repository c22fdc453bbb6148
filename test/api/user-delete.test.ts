import { afterAll, beforeAll, expect, it } from 'vitest';
import { everyDoc } from '#services/kernel/pages.ts';
import { keys } from '#services/model/collections.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

it('revokes every key of a user who is deleted, however many there are', async () => {
  const { store } = world.platform.deps;
  const made = (await world.call('/v1/keys', { body: { name: 'k', user_id: 'many' } })).json as { key_id: string };
  await world.call('/v1/users/many', { method: 'PUT', body: {} });
  const first = (await store.get(keys, made.key_id))?.data;
  if (!first) throw new Error('the key that was made is not there');
  await store.transaction(async (tx) => {
    for (let n = 0; n < 1100; n += 1) tx.create(keys, `key-many-${n}`, { ...first, key_id: `key-many-${n}` });
  });
  expect((await world.call('/v1/users/many', { method: 'DELETE' })).json).toEqual({ deleted: true });
  const living: string[] = [];
  for await (const key of everyDoc(store, keys, {
    where: { user_id: 'many' },
    order: { field: 'key_id', direction: 'asc' },
  })) {
    if (key.revoked_at === null) living.push(key.key_id);
  }
  expect(living).toEqual([]);
});
