import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Send } from './support/client.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

it('a replayed create answers nobody who may not see the session any more', async () => {
  const member = (method: string) =>
    world.call('/v1/workspaces/alice/ws/members/leaver', {
      method,
      ...(method === 'PUT' ? { body: { role: 'editor' } } : {}),
    });
  await member('PUT');
  const key = (await world.call('/v1/keys', { body: { name: 'k', user_id: 'leaver' } })).json as { secret: string };
  const create: Send = {
    key: key.secret,
    headers: { 'Idempotency-Key': 'once' },
    body: { workspace_owner: 'alice', workspace_id: 'ws', namespace: 'tests', template: 'alpine' },
  };
  const made = await world.call('/v1/sessions', create);
  expect(made.status).toBe(200);
  expect((await world.call('/v1/sessions', create)).json).toMatchObject({ id: (made.json as { id: string }).id });
  await member('DELETE');
  expect((await world.call('/v1/sessions', create)).json).toMatchObject({ code: 'not_found' });
});
