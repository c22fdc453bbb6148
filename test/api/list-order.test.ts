import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

/** Eight, so that an order by hash is not by chance the right one. */
const NAMES = ['hal', 'ben', 'gus', 'abe', 'fay', 'cyn', 'eve', 'dan'];
const SORTED = NAMES.toSorted();

interface Page {
  readonly items: readonly { readonly user_id: string }[];
  readonly next_cursor: string | null;
}

const items = async <T>(path: string): Promise<readonly T[]> => {
  const answer = await world.call(path);
  expect(answer.status).toBe(200);
  return answer.json as T[];
};

it('lists users by name, page by page', async () => {
  for (const name of NAMES) await world.call(`/v1/users/${name}`, { method: 'PUT', body: {} });
  const users = await items<{ user_id: string }>('/v1/users');
  expect(users.map(({ user_id }) => user_id).filter((name) => NAMES.includes(name))).toEqual(SORTED);
  const pages: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const at: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await world.call(`/v1/users?limit=3${at}`)).json as Page;
    pages.push(...page.items.map(({ user_id }) => user_id));
    cursor = page.next_cursor;
  }
  expect(pages.filter((name) => NAMES.includes(name))).toEqual(SORTED);
});

it('lists the workspaces that others share by owner, then by name', async () => {
  for (const owner of NAMES.slice(0, 4)) {
    await world.call(`/v1/users/${owner}`, { method: 'PUT', body: { user_type: 'enterprise' } });
    for (const workspace_id of ['two', 'one']) {
      const body = { user_id: owner, workspace_id, name: workspace_id, resource_package: 'dev_micro' };
      expect((await world.call('/v1/workspaces', { body })).status).toBe(200);
      const member = { method: 'PUT', body: { role: 'viewer' } };
      expect((await world.call(`/v1/workspaces/${owner}/${workspace_id}/members/zoe`, member)).status).toBe(200);
    }
  }
  const shared = await items<{ user_id: string; workspace_id: string }>('/v1/workspaces/zoe');
  expect(shared.map(({ user_id, workspace_id }) => `${user_id}/${workspace_id}`)).toEqual(
    NAMES.slice(0, 4)
      .toSorted()
      .flatMap((owner) => [`${owner}/one`, `${owner}/two`]),
  );
});
