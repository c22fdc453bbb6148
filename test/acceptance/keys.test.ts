import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Json, ok, refused } from './support/api.ts';
import type { Key, Session, Workspace } from './support/shapes.ts';
import { upgradeStatus } from './support/socket.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Person, person, running, sandbox, workspace } from './support/world.ts';

const SCOPES = ['sessions:read', 'sessions:write', 'exec', 'workspaces:read', 'workspaces:write', 'keys', 'costs:read'];
const make = async (owner: Person, body: Json = {}) =>
  ok(await owner.api.post<Key>('/v1/keys', { name: 'a key', ...body }));
const within = (key: Key, owner: Person) => owner.api.as(key.secret ?? '');

describe('a key', () => {
  it('is shown once, listed without its secret, and revoked at once', async () => {
    const owner = await person(admin);
    const key = await make(owner, { name: 'CI' });
    expect(key).toMatchObject({
      name: 'CI',
      user_id: owner.id,
      workspace_id: null,
      session_id: null,
      revoked_at: null,
    });
    expect(key.secret).toMatch(/^omk_[^_]+_.{43,}$/);
    expect([...key.scopes].sort()).toEqual([...SCOPES].sort());
    const api = within(key, owner);
    ok(await api.get('/v1/sessions'));
    const list = ok(await owner.api.get<Key[]>('/v1/keys'));
    expect(list.map(({ key_id }) => key_id)).toContain(key.key_id);
    expect(JSON.stringify(list)).not.toContain(key.secret);
    expect(list.some((each) => 'secret' in each)).toBe(false);
    ok(await owner.api.del(`/v1/keys/${key.key_id}`));
    refused(await api.get('/v1/sessions'), 'unauthenticated');
    ok(await owner.api.del(`/v1/keys/${key.key_id}`));
    const revoked = ok(await owner.api.get<Key[]>('/v1/keys')).find(({ key_id }) => key_id === key.key_id);
    if (revoked) expect(revoked.revoked_at).not.toBeNull();
  });

  it('expires when it says', async () => {
    const owner = await person(admin);
    const now = Date.parse(ok(await admin.get<{ timestamp: string }>('/health')).timestamp);
    const key = await make(owner, { expires_at: new Date(now + 1500).toISOString() });
    const api = within(key, owner);
    ok(await api.get('/v1/sessions'));
    await until('it has expired', async () => (await api.get('/v1/sessions')).status === 401);
    refused(await owner.api.post('/v1/keys', { name: 'x', expires_at: 'soon' }), 'invalid');
    const past = await owner.api.post('/v1/keys', { name: 'x', expires_at: '2020-01-01T00:00:00Z' });
    expect([200, 422]).toContain(past.status);
    if (past.status === 200) refused(await owner.api.as(String(past.body['secret'])).get('/'), 'unauthenticated');
  });

  it('makes only keys within its own rights', async () => {
    const owner = await person(admin);
    const now = Date.parse(ok(await admin.get<{ timestamp: string }>('/health')).timestamp);
    const later = (hours: number): string => new Date(now + hours * 3_600_000).toISOString();
    const scopes = ['sessions:read', 'keys'];
    const small = within(await make(owner, { scopes, expires_at: later(2) }), owner);
    refused(await small.post('/v1/keys', { name: 'x', scopes: ['exec'] }), 'forbidden');
    refused(await small.post('/v1/keys', { name: 'x', scopes: ['admin'] }), 'forbidden');
    refused(await small.post('/v1/keys', { name: 'x', expires_at: later(3) }), 'forbidden');
    refused(await small.post('/v1/keys', { name: 'x', user_id: 'another' }), 'forbidden');
    const child = ok(await small.post<Key>('/v1/keys', { name: 'x', expires_at: later(1) }));
    expect([...child.scopes].sort()).toEqual([...scopes].sort());
    const inherited = ok(await small.post<Key>('/v1/keys', { name: 'x' }));
    expect(Date.parse(inherited.expires_at ?? '')).toBeLessThanOrEqual(Date.parse(later(2)));
    refused(await owner.api.post('/v1/keys', { name: 'x', scopes: ['everything'] }), 'invalid');
    refused(await owner.api.post('/v1/keys', { name: 'x', scopes: [] }), 'invalid');
    refused(await owner.api.post('/v1/keys', {}), 'invalid');
  });

  it('neither sees nor revokes what lies outside its rights', async () => {
    const [one, two] = [await person(admin), await person(admin)];
    const key = await make(two);
    refused(await one.api.del(`/v1/keys/${key.key_id}`), 'not_found');
    expect(ok(await one.api.get<Key[]>('/v1/keys')).every(({ user_id }) => user_id === one.id)).toBe(true);
    const small = within(await make(one, { scopes: ['sessions:read', 'keys'] }), one);
    const large = await make(one);
    expect([403, 404]).toContain((await small.del(`/v1/keys/${large.key_id}`)).status);
    ok(await within(large, one).get('/v1/sessions'));
  });

  it('does what its scopes say and nothing else', async () => {
    const box = await sandbox(admin);
    const ws = `/v1/workspaces/${box.owner.id}/${box.workspace_id}`;
    const calls: readonly (readonly [string, string, string, Json?])[] = [
      ['sessions:read', 'get', '/v1/sessions'],
      ['sessions:read', 'get', box.at],
      ['sessions:read', 'get', `${box.at}/usage`],
      ['sessions:read', 'get', `${box.at}/execs`],
      ['sessions:read', 'get', '/v1/audit'],
      ['sessions:write', 'patch', box.at, { labels: {} }],
      ['sessions:write', 'post', '/v1/sessions/cleanup-expired'],
      ['exec', 'post', `${box.at}/execute`, { command: 'true' }],
      ['exec', 'post', `${box.at}/ticket`],
      ['workspaces:read', 'get', ws],
      ['workspaces:read', 'get', `/v1/users/${box.owner.id}/entitlements`],
      ['workspaces:write', 'put', `${ws}/members/someone`, { role: 'viewer' }],
      ['keys', 'get', '/v1/keys'],
      ['costs:read', 'get', '/v1/costs'],
    ];
    for (const scope of SCOPES) {
      const api = within(await make(box.owner, { scopes: [scope] }), box.owner);
      for (const [needed, method, path, body] of calls) {
        const call = { get: api.get, post: api.post, put: api.put, patch: api.patch }[method as 'get'];
        const { status } = await (call as typeof api.post)(path, body as never);
        expect([scope, method, path, status]).toEqual([scope, method, path, scope === needed ? 200 : 403]);
      }
      expect(await upgradeStatus(api, `${box.at}/shell`)).toBe(scope === 'exec' ? null : 403);
      ok(await api.get('/v1/packages'));
      for (const path of ['/v1/users', '/metrics', `/v1/users/${box.owner.id}`])
        refused(await api.get(path), 'forbidden');
    }
    await box.remove();
  });
});

describe('a key of one workspace', () => {
  it('sees and uses that workspace alone', async () => {
    const owner = await person(admin);
    const [mine, other] = [await workspace(owner.api, owner.id), await workspace(owner.api, owner.id)];
    const elsewhere = await running(owner.api, { workspace_id: other });
    const key = await make(owner, { workspace_id: mine });
    expect(key.workspace_id).toBe(mine);
    const api = within(key, owner);
    const here = await running(api, {});
    expect(here.workspace_id).toBe(mine);
    expect(ok(await api.get<Session[]>('/v1/sessions')).map(({ id }) => id)).toEqual([here.id]);
    expect(
      ok(await api.get<Workspace[]>(`/v1/workspaces/${owner.id}`)).map(({ workspace_id }) => workspace_id),
    ).toEqual([mine]);
    refused(await api.get(`/v1/sessions/${elsewhere.id}`), 'not_found');
    refused(await api.get(`/v1/workspaces/${owner.id}/${other}`), 'not_found');
    refused(await api.post('/v1/sessions', { workspace_id: other }), 'not_found');
    refused(await api.post(`/v1/sessions/${elsewhere.id}/execute`, { command: 'true' }), 'not_found');
    refused(
      await api.post('/v1/workspaces', {
        user_id: owner.id,
        workspace_id: 'x',
        name: 'x',
        resource_package: 'dev_micro',
      }),
      'forbidden',
    );
    refused(await api.post('/v1/keys', { name: 'wider', workspace_id: other }), 'forbidden');
    expect(ok(await api.post<Key>('/v1/keys', { name: 'same' })).workspace_id).toBe(mine);
    for (const name of [mine, other]) ok(await admin.del(`/v1/workspaces/${owner.id}/${name}?force=true`));
  });
});

describe('a key of one session', () => {
  it('reaches that session alone', async () => {
    const box = await sandbox(admin);
    const second = await running(box.api, { workspace_id: box.workspace_id });
    const key = await make(box.owner, { session_id: box.session.id });
    const api = within(key, box.owner);
    ok(await api.get(box.at));
    ok(await api.post(`${box.at}/execute`, { command: 'true' }));
    expect(ok(await api.get<Session[]>('/v1/sessions')).map(({ id }) => id)).toEqual([box.session.id]);
    refused(await api.get(`/v1/sessions/${second.id}`), 'not_found');
    refused(await api.del(`/v1/sessions/${second.id}`), 'not_found');
    refused(await api.post('/v1/sessions', { workspace_id: box.workspace_id }), 'forbidden');
    expect([403, 404]).toContain((await api.del(`/v1/workspaces/${box.owner.id}/${box.workspace_id}`)).status);
    const child = ok(await api.post<Key>('/v1/keys', { name: 'child' }));
    expect(child.session_id).toBe(box.session.id);
    refused(await api.post('/v1/keys', { name: 'wider', session_id: second.id }), 'forbidden');
    const list = ok(await api.get<Key[]>('/v1/keys'));
    expect(list.every(({ session_id }) => session_id === box.session.id)).toBe(true);
    ok(await api.del(box.at));
    await box.remove();
  });
});

describe('an admin key', () => {
  it('acts for anyone, says for whom, and makes keys for any user', async () => {
    refused(await admin.post('/v1/sessions', {}), 'invalid');
    const owner = await person(admin);
    const second = ok(await admin.post<Key>('/v1/keys', { name: 'second admin' }));
    expect(second).toMatchObject({ user_id: null, scopes: expect.arrayContaining(['admin']) });
    ok(await admin.as(second.secret ?? '').get('/v1/users?limit=1'));
    ok(await admin.del(`/v1/keys/${second.key_id}`));
    refused(await admin.as(second.secret ?? '').get('/'), 'unauthenticated');
    const used = await until('its last use is noted', async () => {
      const keys = ok(await owner.api.get<Key[]>('/v1/keys'));
      return keys.find(({ last_used_at }) => last_used_at !== null) ?? (await pause(200, null));
    });
    expect(used.user_id).toBe(owner.id);
  });
});
