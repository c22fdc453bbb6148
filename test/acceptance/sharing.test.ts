import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, type Json, ok, refused } from './support/api.ts';
import type { Entitlements, Event, Exec, Executed, Key, Page, Session, Workspace } from './support/shapes.ts';
import { upgradeStatus } from './support/socket.ts';
import { admin } from './support/target.ts';
import { type Person, person, running, type Sandbox, sandbox, unique, workspace } from './support/world.ts';

describe('a shared workspace', () => {
  let box: Sandbox;
  let editor: Person;
  let viewer: Person;
  let stranger: Person;
  let ws: string;
  let exec: Exec;
  beforeAll(async () => {
    box = await sandbox(admin, { request_persistent_storage: true, request_bucket: true });
    ws = `/v1/workspaces/${box.owner.id}/${box.workspace_id}`;
    [editor, viewer, stranger] = [await person(admin, 'free'), await person(admin, 'free'), await person(admin)];
    ok(await box.api.put(`${ws}/members/${editor.id}`, { role: 'editor' }));
    ok(await box.api.put(`${ws}/members/${viewer.id}`, { role: 'viewer' }));
    exec = ok(await box.api.post<Exec>(`${box.at}/execs`, { command: 'cat', stdin: true }));
  });
  afterAll(() => box.remove());

  /** Every call that reads, of the workspace and of its sessions. */
  const reads = (): string[] => [
    ...['', '/members', '/volumes', '/buckets', '/volumes/default', '/buckets/default'].map((end) => `${ws}${end}`),
    ...[
      '',
      '/connect',
      '/usage',
      '/cost',
      '/events',
      '/execs',
      `/execs/${exec.exec_id}`,
      `/jobs/${exec.exec_id}/status`,
    ].map((end) => `${box.at}${end}`),
  ];
  const body = (): Json => ({
    workspace_id: box.workspace_id,
    workspace_owner: box.owner.id,
    resource_package: 'dev_micro',
  });
  /** Every call that changes something, with what an editor is answered. */
  const writes = (api: Api): readonly (readonly [string, () => Promise<{ status: number }>])[] => [
    ['estimate', () => api.post('/v1/sessions/estimate', body())],
    ['execute', () => api.post(`${box.at}/execute`, { command: 'true' })],
    ['exec', () => api.post(`${box.at}/execs`, { command: 'true' })],
    ['stdin', () => api.post(`${box.at}/execs/${exec.exec_id}/stdin`, { offset: 0, data: '' })],
    ['signal', () => api.post(`${box.at}/execs/${exec.exec_id}/signal`, { signal: 'WINCH' })],
    ['ticket', () => api.post(`${box.at}/ticket`)],
    ['patch', () => api.patch(box.at, { labels: { by: 'member' } })],
  ];

  it('can be read whole by each member, and by nobody else', async () => {
    for (const path of reads()) {
      for (const { api } of [box.owner, editor, viewer]) expect((await api.get(path)).status, path).toBe(200);
      refused(await stranger.api.get(path), 'not_found');
    }
    const other = ok(await box.api.post<Executed>(`${box.at}/execute`, { command: 'echo shared' }));
    for (const { api } of [editor, viewer]) {
      const log = await api.raw('GET', `${box.at}/execs/${other.exec_id}/output`, {
        headers: { Accept: 'text/plain' },
      });
      expect(await log.text()).toBe('shared\n');
    }
    refused(await stranger.api.get(`${box.at}/execs/${other.exec_id}/output`), 'not_found');
  });

  it('is in its members’ lists, with their role', async () => {
    for (const [member, role] of [
      [box.owner, 'owner'],
      [editor, 'editor'],
      [viewer, 'viewer'],
    ] as const) {
      const list = ok(await member.api.get<Workspace[]>(`/v1/workspaces/${member.id}`));
      expect(list).toMatchObject([{ user_id: box.owner.id, workspace_id: box.workspace_id, role }]);
      const sessions = ok(await member.api.get<Session[]>('/v1/sessions'));
      expect(sessions.map(({ id }) => id)).toContain(box.session.id);
    }
    expect(ok(await stranger.api.get<Session[]>('/v1/sessions'))).toEqual([]);
    expect(ok(await box.api.get(`${ws}/members`))).toMatchObject(
      [editor, viewer].map(({ id }) => ({ member_id: id })).sort((a, b) => (a.member_id < b.member_id ? -1 : 1)),
    );
  });

  it('is used by its editors', async () => {
    for (const [what, call] of writes(editor.api)) expect((await call()).status, what).toBe(200);
    expect(await upgradeStatus(editor.api, `${box.at}/shell`)).toBeNull();
    expect(await upgradeStatus(editor.api, `${box.at}/execs/${exec.exec_id}/attach`)).toBeNull();
  });

  it('is not changed by its viewers', async () => {
    for (const [what, call] of writes(viewer.api)) {
      if (what === 'estimate') continue;
      expect([what, (await call()).status]).toEqual([what, 403]);
    }
    refused(await viewer.api.post('/v1/sessions', body()), 'forbidden');
    refused(await viewer.api.del(box.at), 'forbidden');
    refused(await viewer.api.post(`${box.at}/terminate`), 'forbidden');
    refused(await viewer.api.post(`${box.at}/force-delete`), 'forbidden');
    refused(await viewer.api.del(`${box.at}/execs/${exec.exec_id}`), 'forbidden');
    expect(await upgradeStatus(viewer.api, `${box.at}/shell`)).toBe(403);
    expect(await upgradeStatus(viewer.api, `${box.at}/execs/${exec.exec_id}/attach`)).toBe(403);
  });

  it('does not exist for a stranger, on any call', async () => {
    for (const [what, call] of writes(stranger.api)) expect([what, (await call()).status]).toEqual([what, 404]);
    refused(await stranger.api.post('/v1/sessions', body()), 'not_found');
    refused(await stranger.api.del(box.at), 'not_found');
    refused(await stranger.api.del(ws), 'not_found');
    refused(await stranger.api.del(`${ws}/volumes/default`), 'not_found');
    refused(await stranger.api.put(`${ws}/members/${stranger.id}`, { role: 'editor' }), 'not_found');
    refused(await stranger.api.get(`/v1/workspaces/${box.owner.id}`), 'not_found');
    expect(await upgradeStatus(stranger.api, `${box.at}/shell`)).toBe(404);
  });

  it('keeps members, volumes and its end for its owner', async () => {
    for (const { api } of [editor, viewer]) {
      refused(await api.put(`${ws}/members/${stranger.id}`, { role: 'viewer' }), 'forbidden');
      refused(await api.put(`${ws}/members/${viewer.id}`, { role: 'editor' }), 'forbidden');
      refused(await api.del(`${ws}/members/${viewer.id}`), 'forbidden');
      refused(await api.del(`${ws}/volumes/default`), 'forbidden');
      refused(await api.del(`${ws}/buckets/default`), 'forbidden');
      refused(await api.del(ws), 'forbidden');
    }
    refused(await box.api.put(`${ws}/members/${editor.id}`, { role: 'owner' }), 'invalid');
    refused(await box.api.put(`${ws}/members/${box.owner.id}`, { role: 'viewer' }), 'invalid');
  });

  it('uses its owner’s entitlements and quota, and names the member', async () => {
    const used = async (who: Person) =>
      ok(await who.api.get<Entitlements>(`/v1/users/${who.id}/entitlements`)).concurrent_sessions.used;
    const before = await used(box.owner);
    const made = await running(editor.api, { ...body(), resource_package: 'ds_large', namespace: 'members' });
    expect(made).toMatchObject({ user: editor.id, workspace_owner: box.owner.id, user_type: 'enterprise' });
    expect(await used(box.owner)).toBe(before + 1);
    expect(await used(editor)).toBe(0);
    const events = ok(await box.api.get<Event[]>(`/v1/sessions/${made.id}/events`));
    expect(events[0]).toMatchObject({ action: 'sessions.create', actor: { user_id: editor.id } });
    ok(await box.api.del(`/v1/sessions/${made.id}`));
  });

  it('does not let one act in another’s name', async () => {
    refused(await editor.api.post('/v1/sessions', { ...body(), user: box.owner.id }), 'forbidden');
    refused(
      await editor.api.post('/v1/workspaces', {
        user_id: box.owner.id,
        workspace_id: 'x',
        name: 'x',
        resource_package: 'dev_micro',
      }),
      'forbidden',
    );
    refused(await editor.api.post<Key>('/v1/keys', { name: 'x', user_id: box.owner.id }), 'forbidden');
    refused(await editor.api.get(`/v1/users/${box.owner.id}/entitlements`), 'not_found');
  });

  it('is closed to one who is no longer a member, at once', async () => {
    const guest = await person(admin);
    ok(await box.api.put(`${ws}/members/${guest.id}`, { role: 'viewer' }));
    ok(await guest.api.get(box.at));
    expect(ok(await box.api.put(`${ws}/members/${guest.id}`, { role: 'editor' }))).toMatchObject({ role: 'editor' });
    ok(await guest.api.post(`${box.at}/execute`, { command: 'true' }));
    ok(await box.api.del(`${ws}/members/${guest.id}`));
    ok(await box.api.del(`${ws}/members/${guest.id}`));
    refused(await guest.api.get(box.at), 'not_found');
    refused(await guest.api.post(`${box.at}/execute`, { command: 'true' }), 'not_found');
    expect(ok(await guest.api.get<Page<Session>>('/v1/sessions?limit=5')).items).toEqual([]);
  });

  it('lets a member leave', async () => {
    const guest = await person(admin);
    ok(await box.api.put(`${ws}/members/${guest.id}`, { role: 'viewer' }));
    const answer = await guest.api.del(`${ws}/members/${guest.id}`);
    expect([200, 403]).toContain(answer.status);
  });
});

describe('sharing', () => {
  it('is not for free users', async () => {
    const free = await person(admin, 'free');
    const workspace_id = await workspace(free.api, free.id);
    const other = unique('guest');
    refused(
      await free.api.put(`/v1/workspaces/${free.id}/${workspace_id}/members/${other}`, { role: 'viewer' }),
      'entitlement_denied',
    );
  });
});
