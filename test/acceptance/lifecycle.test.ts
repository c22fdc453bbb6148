import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldsOf, ok, refused } from './support/api.ts';
import type { Entitlements, Event, Executed, Page, Session } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Person, person, running, sandbox, shell, unique, workspace } from './support/world.ts';

describe('a session’s life', () => {
  let owner: Person;
  let workspace_id: string;
  const make = (more: object = {}) => running(owner.api, { workspace_id, ...more });

  beforeAll(async () => {
    owner = await person(admin);
    workspace_id = await workspace(owner.api, owner.id);
  });
  afterAll(async () => {
    await admin.del(`/v1/workspaces/${owner.id}/${workspace_id}?force=true`);
  });

  it('is held until it runs where the caller waits, and answers as it is where that runs out', async () => {
    const waited = ok(await owner.api.post<Session>('/v1/sessions?wait=30', { workspace_id }));
    expect(waited.status).toBe('running');
    expect(Date.parse(waited.started_at ?? '')).toBeGreaterThanOrEqual(Date.parse(waited.created_at));
    const short = ok(await owner.api.post<Session>('/v1/sessions?wait=0', { workspace_id }));
    expect(['creating', 'running']).toContain(short.status);
    expect(fieldsOf(refused(await owner.api.post('/v1/sessions?wait=301', { workspace_id }), 'invalid'))).toEqual([
      'wait',
    ]);
    for (const { id } of [waited, short]) ok(await owner.api.del(`/v1/sessions/${id}`));
  });

  it('ends by DELETE, twice, and stays on record', async () => {
    const made = await make();
    const gone = ok(await owner.api.del<Session>(`/v1/sessions/${made.id}`));
    expect(gone).toMatchObject({ status: 'terminated', status_reason: expect.any(String), url: null, websocket: null });
    expect(gone.ended_at).not.toBeNull();
    expect(gone.status_message).toMatch(/\w+ \w+/);
    expect(ok(await owner.api.del<Session>(`/v1/sessions/${made.id}`))).toEqual(gone);
    expect(ok(await owner.api.get<Session>(`/v1/sessions/${made.id}`))).toEqual(gone);
  });

  it('can be ended while it is made', async () => {
    const made = ok(await owner.api.post<Session>('/v1/sessions', { workspace_id }));
    expect(ok(await owner.api.del<Session>(`/v1/sessions/${made.id}`)).status).toBe('terminated');
  });

  it('ends once, whoever of ten asks and however', async () => {
    const made = await make();
    const at = `/v1/sessions/${made.id}`;
    const ends = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        i % 3 === 0
          ? owner.api.del<Session>(at)
          : owner.api.post<Session>(`${at}/${i % 3 === 1 ? 'terminate' : 'force-delete'}`),
      ),
    );
    expect(new Set(ends.map((end) => ok(end).status))).toEqual(new Set(['terminated']));
    expect(new Set(ends.map((end) => ok(end).ended_at)).size).toBe(1);
  });

  it('answers a DELETE at once where it is not to wait, and ends all the same', async () => {
    const made = await make();
    const answered = ok(await owner.api.del<Session>(`/v1/sessions/${made.id}?wait=0`));
    expect(['terminating', 'terminated']).toContain(answered.status);
    await until(
      'it is gone',
      async () => ok(await owner.api.get<Session>(`/v1/sessions/${made.id}`)).status === 'terminated',
    );
  });

  it('gives TERM its grace, and force-delete none', async () => {
    const made = await make();
    const at = `/v1/sessions/${made.id}`;
    ok(await owner.api.post(`${at}/execs`, { command: "trap '' TERM; while :; do sleep 0.1; done" }));
    expect(ok(await owner.api.post<Session>(`${at}/force-delete`)).status).toBe('terminated');
  });

  it('refuses commands once it has ended', async () => {
    const made = await make();
    const at = `/v1/sessions/${made.id}`;
    const { exec_id } = ok(await owner.api.post<Executed>(`${at}/execute`, { command: 'echo kept' }));
    ok(await owner.api.del(at));
    refused(await owner.api.post(`${at}/execute`, { command: 'true' }), 'session_not_running');
    refused(await owner.api.post(`${at}/execs`, { command: 'true' }), 'session_not_running');
    refused(await owner.api.get(`${at}/execs/${exec_id}/output`), 'session_not_running');
    refused(await owner.api.patch(at, { ttl_minutes: 5 }), 'session_not_running');
    expect(ok(await owner.api.get(`${at}/execs/${exec_id}`))).toMatchObject({ status: 'exited', exit_code: 0 });
    ok(await owner.api.get(`${at}/events`));
    ok(await owner.api.get(`${at}/cost`));
  });

  it('makes room in the moment in which a DELETE is answered', async () => {
    const free = await person(admin, 'free');
    const room = await workspace(free.api, free.id);
    const sessions = [await running(free.api, { workspace_id: room }), await running(free.api, { workspace_id: room })];
    for (let round = 0; round < 3; round++) {
      refused(await free.api.post('/v1/sessions', { workspace_id: room, namespace: 'tests' }), 'quota_exceeded');
      const oldest = sessions.shift();
      expect(ok(await free.api.del<Session>(`/v1/sessions/${oldest?.id}`)).status).toBe('terminated');
      sessions.push(await running(free.api, { workspace_id: room }));
    }
    const used = ok(await free.api.get<Entitlements>(`/v1/users/${free.id}/entitlements`)).concurrent_sessions;
    expect(used).toEqual({ limit: 2, used: 2 });
    ok(await admin.del(`/v1/workspaces/${free.id}/${room}?force=true`));
    await until('both are given back', async () => {
      const after = ok(await free.api.get<Entitlements>(`/v1/users/${free.id}/entitlements`)).concurrent_sessions;
      return after.used === 0;
    });
  });

  it('takes another end and other labels, and never passes its longest life', async () => {
    const made = await make({ ttl_minutes: 30, labels: { team: 'a', stage: 'x' } });
    const at = `/v1/sessions/${made.id}`;
    const longer = ok(await owner.api.patch<Session>(at, { ttl_minutes: 120 }));
    const left = (session: Session): number => (Date.parse(session.expires_at) - Date.parse(made.created_at)) / 60_000;
    expect(left(longer)).toBeGreaterThanOrEqual(120);
    expect(left(longer)).toBeLessThan(122);
    expect(left(ok(await owner.api.patch<Session>(at, { ttl_minutes: 10 })))).toBeLessThan(12);
    expect(ok(await owner.api.patch<Session>(at, { labels: { team: 'b' } })).labels).toEqual({ team: 'b' });
    refused(await owner.api.patch(at, { ttl_minutes: 1440 }), 'conflict');
    refused(await owner.api.patch(at, {}), 'invalid');
    refused(await owner.api.patch(at, { ttl_minutes: 1441 }), 'invalid');
    refused(await owner.api.patch(at, { labels: { 'onmemos/x': '1' } }), 'invalid');
    expect(ok(await owner.api.get<Session>(at))).toMatchObject({ labels: { team: 'b' }, status: 'running' });
    ok(await owner.api.del(at));
  });

  it('keeps env values to itself', async () => {
    const secret = unique('secret');
    const made = await make({ env: { DATABASE_URL: secret, EMPTY: '' } });
    expect(made.env_names).toEqual(['DATABASE_URL', 'EMPTY']);
    expect(await shell(owner.api, made, 'printf %s "$DATABASE_URL"')).toBe(secret);
    const at = `/v1/sessions/${made.id}`;
    for (const path of [at, `${at}/events`, `${at}/connect`, `${at}/execs`, '/v1/sessions', '/v1/audit']) {
      expect((await owner.api.get(path)).text, path).not.toContain(secret);
    }
    ok(await owner.api.del(at));
  });

  it('says what it really is', async () => {
    const made = await make({ resource_package: 'ml_h100_large', provider: 'workstations' });
    expect(made.provider).toBe('workstations');
    expect(made.details.driver).toEqual(expect.any(String));
    if (made.details.driver === 'local') {
      expect(['full', 'user', 'none']).toContain(made.details.isolation);
      expect(made.details['limits']).toMatchObject({ cpu: expect.any(String), disk: expect.any(String) });
      expect(made.details.warnings.join(' ')).toMatch(/H100|h100/);
    }
    ok(await owner.api.del(`/v1/sessions/${made.id}`));
  });
});

describe('lists of sessions', () => {
  let owner: Person;
  let workspace_id: string;
  let other: string;
  let live: Session[];
  let ended: Session;

  beforeAll(async () => {
    owner = await person(admin);
    workspace_id = await workspace(owner.api, owner.id);
    other = await workspace(owner.api, owner.id);
    live = [];
    for (let i = 0; i < 5; i++) {
      const labels = { index: String(i), parity: i % 2 ? 'odd' : 'even' };
      live.push(await running(owner.api, { workspace_id: i === 4 ? other : workspace_id, labels }));
    }
    const made = await running(owner.api, { workspace_id });
    ended = ok(await owner.api.del<Session>(`/v1/sessions/${made.id}`));
  });
  afterAll(async () => {
    for (const name of [workspace_id, other]) await admin.del(`/v1/workspaces/${owner.id}/${name}?force=true`);
  });
  const ids = (sessions: readonly Session[]): string[] => sessions.map(({ id }) => id);

  it('show what has ended in the last day beside what lives, newest first', async () => {
    const all = ok(await owner.api.get<Session[]>('/v1/sessions'));
    expect(ids(all)).toEqual([ended.id, ...ids(live).reverse()]);
  });

  it('filter by state, label and workspace', async () => {
    const get = async (query: string) => ids(ok(await owner.api.get<Session[]>(`/v1/sessions?${query}`)));
    expect(await get('state=terminated')).toEqual([ended.id]);
    expect(await get('state=running')).toEqual(ids(live).reverse());
    expect(await get('label=parity%3Dodd')).toEqual(ids([live[3], live[1]].flatMap((each) => each ?? [])));
    expect(await get('label=index')).toHaveLength(5);
    expect(await get('label=parity%3Dnone')).toEqual([]);
    expect(await get(`workspace_id=${other}`)).toEqual([live[4]?.id]);
    expect(await get(`workspace_id=${other}&workspace_owner=${owner.id}&state=running&label=index%3D4`)).toHaveLength(
      1,
    );
    expect(fieldsOf(refused(await owner.api.get('/v1/sessions?state=sleeping'), 'invalid'))).toEqual(['state']);
  });

  it('come in pages that join without loss or repeat', async () => {
    const all = ids(ok(await owner.api.get<Session[]>('/v1/sessions')));
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 10; pages++) {
      const page = ok(await owner.api.get<Page<Session>>(`/v1/sessions?limit=2${cursor && `&cursor=${cursor}`}`));
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...ids(page.items));
      if (page.next_cursor === null) break;
      cursor = encodeURIComponent(page.next_cursor);
    }
    expect(seen).toEqual(all);
    for (const bad of ['x', '%00', 'eyJhIjoxfQ']) refused(await owner.api.get(`/v1/sessions?cursor=${bad}`), 'invalid');
    for (const bad of [0, 1001, 'x', -1]) refused(await owner.api.get(`/v1/sessions?limit=${bad}`), 'invalid');
  });

  it('that are longer than an old client is answered say where to go on', async () => {
    const user = unique('long');
    const puts = 1_005;
    for (let done = 0; done < puts; done += 15) {
      await Promise.all(Array.from({ length: 15 }, () => admin.put(`/v1/users/${user}`, { user_type: 'pro' })));
    }
    const first = await admin.get<Event[]>('/v1/audit?action=users.put');
    expect(ok(first)).toHaveLength(1_000);
    const next = /^<([^>]+)>; rel="?next"?$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const rest = ok(await admin.get<Page<Event>>(next));
    expect(rest.items.length).toBeGreaterThan(4);
    const seen = new Set([...first.body, ...rest.items].map(({ id }) => id));
    expect(seen.size).toBe(1_000 + rest.items.length);
    ok(await admin.del(`/v1/users/${user}`));
  });

  it('are pages on every list route that is asked with a limit', async () => {
    const at = `/v1/sessions/${live[0]?.id}`;
    const ws = `/v1/workspaces/${owner.id}/${workspace_id}`;
    const routes = [`/v1/workspaces/${owner.id}`, `${ws}/members`, `${ws}/volumes`, `${ws}/buckets`, `${at}/execs`];
    routes.push(`${at}/events`, '/v1/keys', '/v1/audit', '/v1/packages', '/v1/providers');
    for (const route of routes) {
      const page = ok(await owner.api.get<Page<unknown>>(`${route}?limit=1`));
      expect(page, route).toEqual({ items: expect.any(Array), next_cursor: page.next_cursor });
      expect(page.items.length, route).toBeLessThanOrEqual(1);
      expect(Array.isArray(ok(await owner.api.get(route))), route).toBe(true);
    }
    expect(ok(await admin.get<Page<unknown>>('/v1/users?limit=1')).items).toHaveLength(1);
  });

  it('show each key only what it may see', async () => {
    const stranger = await person(admin);
    expect(ok(await stranger.api.get<Session[]>('/v1/sessions'))).toEqual([]);
    expect(ids(ok(await admin.get<Session[]>(`/v1/sessions?user=${owner.id}`)))).toHaveLength(6);
    refused(await stranger.api.get(`/v1/sessions/${ended.id}`), 'not_found');
    refused(await stranger.api.del(`/v1/sessions/${live[0]?.id}`), 'not_found');
  });
});

describe('many sessions of one person', () => {
  it('do not see each other', async () => {
    const box = await sandbox(admin);
    const second = await running(box.api, { workspace_id: box.workspace_id });
    await shell(box.api, box.session, 'echo mine > /tmp/mine; echo mine > "$PWD/own"');
    expect(await shell(box.api, second, 'cat "$PWD/own" 2>/dev/null || echo none')).toBe('none\n');
    if (box.session.details.isolation !== 'none') {
      expect(await shell(box.api, second, 'cat /tmp/mine 2>/dev/null || echo none')).toBe('none\n');
    }
    await box.remove();
  });
});
