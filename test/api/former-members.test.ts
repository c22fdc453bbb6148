import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const keyOf = async (user_id: string): Promise<string> =>
  ((await world.call('/v1/keys', { body: { name: 'k', user_id } })).json as { secret: string }).secret;
const shared = async (owner: string, workspace_id: string, member: string): Promise<void> => {
  const put = { method: 'PUT', body: { role: 'editor' } };
  expect((await world.call(`/v1/workspaces/${owner}/${workspace_id}/members/${member}`, put)).status).toBe(200);
};

it('a workspace that is made again under the name of one that is gone is shared with nobody', async () => {
  await world.call('/v1/users/ann', { method: 'PUT', body: { user_type: 'enterprise' } });
  const body = { user_id: 'ann', workspace_id: 'lab', name: 'Lab', resource_package: 'dev_micro' };
  await world.call('/v1/workspaces', { body });
  await shared('ann', 'lab', 'bob');
  const bob = await keyOf('bob');
  expect((await world.call('/v1/workspaces/ann/lab', { key: bob })).status).toBe(200);
  await world.call('/v1/workspaces/ann/lab', { method: 'DELETE' });
  expect((await world.call('/v1/workspaces', { body })).status).toBe(200);
  expect((await world.call('/v1/workspaces/ann/lab', { key: bob })).status).toBe(404);
  expect((await world.call('/v1/workspaces/ann/lab/members')).json).toEqual([]);
});

it('nor is a default workspace that a session makes again', async () => {
  await world.call('/v1/users/eve', { method: 'PUT', body: { user_type: 'enterprise' } });
  const create = async () => {
    const answer = await world.call('/v1/sessions?wait=60', { body: { user: 'eve', namespace: 'n' } });
    expect(answer.status).toBe(200);
    return (answer.json as { id: string }).id;
  };
  const first = await create();
  await shared('eve', 'default', 'bob');
  const bob = await keyOf('bob');
  await world.call(`/v1/sessions/${first}`, { method: 'DELETE' });
  expect((await world.call('/v1/workspaces/eve/default', { method: 'DELETE' })).status).toBe(200);
  const second = await create();
  expect((await world.call(`/v1/sessions/${second}`, { key: bob })).status).toBe(404);
  await world.call(`/v1/sessions/${second}`, { method: 'DELETE' });
});
