import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Send } from './support/client.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
/** A session of Alice's outside of the workspace `ws`. */
let elsewhere: string;
const confined = { workspace: '', session: '', anyone: '' };

const must = async <T>(path: string, send: Send = {}): Promise<T> => {
  const answer = await world.call(path, send);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.json as T;
};
const makeKey = async (body: Record<string, unknown>, key?: string): Promise<string> =>
  (await must<{ secret: string }>('/v1/keys', { body: { name: 'k', ...body }, ...(key ? { key } : {}) })).secret;
const as = (key: string, path: string, send: Send = {}): Promise<Answer> => world.call(path, { ...send, key });
const refused = (answer: Answer, code: string): void => expect(answer.json).toMatchObject({ code });

beforeAll(async () => {
  world = await openWorld();
  const { alice } = world.keys;
  await must('/v1/workspaces', {
    body: { user_id: 'alice', workspace_id: 'other', name: 'Other', resource_package: 'dev_micro' },
  });
  elsewhere = (
    await must<{ id: string }>('/v1/sessions?wait=60', {
      key: alice,
      body: { workspace_id: 'other', namespace: 'tests', template: 'alpine' },
    })
  ).id;
  await must(`/v1/sessions/${elsewhere}`, { method: 'DELETE' });
  await must('/v1/sessions?wait=60', { body: { user: 'bob', template: 'alpine' } }).then((made) =>
    must(`/v1/sessions/${(made as { id: string }).id}`, { method: 'DELETE' }),
  );
  confined.workspace = await makeKey({ workspace_id: 'ws' }, alice);
  confined.session = await makeKey({ session_id: world.session }, alice);
  confined.anyone = await makeKey({
    workspace_id: 'ws',
    workspace_owner: 'alice',
    scopes: ['sessions:read', 'workspaces:read', 'costs:read'],
  });
});
afterAll(() => world?.close());

describe('a key of one workspace', () => {
  it.each(['workspace', 'anyone'] as const)('reads costs of that workspace alone (%s)', async (name) => {
    const key = confined[name];
    const groups = async (query: string): Promise<string[]> => {
      const { json, status } = await as(key, `/v1/costs?group_by=workspace&${query}`);
      expect(status).toBe(200);
      return (json as { groups: { key: string }[] }).groups.map((group) => group.key);
    };
    expect((await groups('')).filter((each) => each !== 'alice/ws')).toEqual([]);
    expect((await groups('workspace_owner=alice&workspace_id=ws')).filter((each) => each !== 'alice/ws')).toEqual([]);
    refused(await as(key, '/v1/costs?workspace_id=other'), 'not_found');
    refused(await as(key, '/v1/costs?workspace_owner=bob'), 'not_found');
    refused(await as(key, '/v1/costs?workspace_owner=bob&workspace_id=default'), 'not_found');
  });

  it('reads the audit of that workspace alone', async () => {
    const entries = (await as(confined.workspace, '/v1/audit?limit=1000')).json as {
      items: { workspace_owner: string; workspace_id: string }[];
    };
    expect(entries.items.filter(({ workspace_id }) => workspace_id !== 'ws')).toEqual([]);
  });

  it('sees what is used in that workspace alone, and nothing of other users', async () => {
    for (const key of [confined.workspace, confined.anyone]) {
      const { storage } = (await as(key, '/v1/users/alice/entitlements')).json as {
        storage: { workspace_id: string }[];
      };
      expect(storage.map(({ workspace_id }) => workspace_id)).toEqual(['ws']);
      refused(await as(key, '/v1/users/bob/entitlements'), 'not_found');
    }
  });

  it('opens nothing once its user is no longer a member, its list of sessions neither', async () => {
    await must('/v1/workspaces/alice/ws/members/guest', { method: 'PUT', body: { role: 'editor' } });
    const guest = await makeKey({ user_id: 'guest' });
    const bound = await makeKey({ workspace_id: 'ws', workspace_owner: 'alice' }, guest);
    expect(((await as(bound, '/v1/sessions')).json as unknown[]).length).toBeGreaterThan(0);
    await must('/v1/workspaces/alice/ws/members/guest', { method: 'DELETE' });
    expect((await as(bound, '/v1/sessions')).json).toEqual([]);
    expect((await as(bound, '/v1/sessions?state=running&limit=5')).json).toEqual({ items: [], next_cursor: null });
  });
});

describe('a key of one session', () => {
  it('lists no workspaces, costs or entitlements', async () => {
    for (const path of ['/v1/workspaces/alice', '/v1/costs', '/v1/users/alice/entitlements']) {
      refused(await as(confined.session, path), 'forbidden');
    }
  });

  it('reads the audit of that session alone', async () => {
    const { items } = (await as(confined.session, '/v1/audit?limit=1000')).json as { items: { session_id: string }[] };
    expect(items.filter(({ session_id }) => session_id !== world.session)).toEqual([]);
    refused(await as(confined.session, `/v1/audit?session_id=${elsewhere}`), 'not_found');
  });
});

describe('a key without a user that is no admin key', () => {
  it('reads the audit of a user that it names, not of all', async () => {
    const key = await makeKey({ scopes: ['sessions:read'] });
    refused(await as(key, '/v1/audit'), 'invalid');
    const { items } = (await as(key, '/v1/audit?user=edi&limit=10')).json as {
      items: { actor: { user_id: string } }[];
    };
    expect(items.filter(({ actor }) => actor.user_id !== 'edi')).toEqual([]);
  });
});

describe('an admin key', () => {
  it('is confined to nothing', async () => {
    const body = { name: 'k', workspace_id: 'ws', workspace_owner: 'alice' };
    refused(await world.call('/v1/keys', { body: { ...body, scopes: ['admin'] } }), 'invalid');
    const made = await must<{ secret: string; scopes: string[] }>('/v1/keys', { body });
    expect(made.scopes).not.toContain('admin');
    refused(await as(made.secret, '/v1/users'), 'forbidden');
  });
});
