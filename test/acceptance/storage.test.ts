import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, ok, refused } from './support/api.ts';
import type { Entitlements, Session, Storage, Workspace } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Person, person, running, shell, workspace } from './support/world.ts';

let owner: Person;
beforeAll(async () => {
  owner = await person(admin);
});

const volume = (size = 2, name?: string): Json => ({
  request_persistent_storage: true,
  persistent_storage_size_gb: size,
  ...(name ? { storage_config: { volume: name } } : {}),
});
const bucket = (size = 2, name?: string): Json => ({
  request_bucket: true,
  bucket_size_gb: size,
  ...(name ? { storage_config: { bucket: name } } : {}),
});
const at = (workspace_id: string): string => `/v1/workspaces/${owner.id}/${workspace_id}`;

describe('a volume', () => {
  let ws: string;
  beforeAll(async () => {
    ws = await workspace(owner.api, owner.id);
  });
  afterAll(async () => {
    ok(await admin.del(`${at(ws)}?force=true`));
  });
  const open = (more: Json) => running(owner.api, { workspace_id: ws, ...more });
  const end = async ({ id }: Session) => ok(await owner.api.del(`/v1/sessions/${id}`));
  const read = async () => ok(await owner.api.get<Storage>(`${at(ws)}/volumes/default`));

  it('outlives its sessions and is seen by the next one', async () => {
    const first = await open(volume(2));
    expect(first).toMatchObject({
      storage_allocation: { persistent_storage: { name: 'default', size_gb: 2 } },
      storage_config: { volume: 'default' },
      storage_status: expect.any(String),
    });
    await shell(owner.api, first, 'mkdir -p a/b; echo kept > a/b/file; chmod 750 a/b/file; ln -s b/file a/link');
    expect((await read()).mounted_by).toEqual([first.id]);
    await end(first);
    expect((await read()).mounted_by).toEqual([]);
    const second = await open(volume(2));
    expect(await shell(owner.api, second, 'cat a/link; stat -c %a a/b/file')).toBe('kept\n750\n');
    await end(second);
    const without = await open({});
    expect(await shell(owner.api, without, 'ls -A')).toBe('');
    await end(without);
  });

  it('is one live folder for several sessions', async () => {
    const [one, two] = [await open(volume(2)), await open(volume(2))];
    await shell(owner.api, one, 'echo from one > shared');
    expect(await shell(owner.api, two, 'cat shared')).toBe('from one\n');
    expect([...(await read()).mounted_by].sort()).toEqual([one.id, two.id].sort());
    await end(one);
    await end(two);
  });

  it('grows by a larger request, and passes a smaller one over with a warning', async () => {
    const larger = await open(volume(5));
    expect((await read()).size_gb).toBe(5);
    const smaller = await open(volume(1));
    expect((await read()).size_gb).toBe(5);
    expect(smaller.details.warnings.join(' ')).toMatch(/5 GB.*1 GB|1 GB.*5 GB/);
    await end(larger);
    await end(smaller);
    const used = ok(await owner.api.get<Entitlements>(`/v1/users/${owner.id}/entitlements`)).storage;
    expect(used.find(({ workspace_id }) => workspace_id === ws)).toMatchObject({
      volumes: { used: 1 },
      storage_gb: { used: 5 },
    });
  });

  it('is not deleted while it is in use', async () => {
    const session = await open(volume(2));
    const problem = refused(await owner.api.del(`${at(ws)}/volumes/default`), 'conflict');
    expect(problem.detail).toContain(session.id);
    await end(session);
    ok(await owner.api.del(`${at(ws)}/volumes/default`));
    await until('it is gone', async () => (await owner.api.get(`${at(ws)}/volumes/default`)).status === 404);
    const fresh = await open(volume(1));
    expect(await shell(owner.api, fresh, 'ls -A')).toBe('');
    await end(fresh);
  });

  it('has a name, a size and a place', async () => {
    const session = await open({ ...volume(1, 'data-2') });
    expect(ok(await owner.api.get<Storage>(`${at(ws)}/volumes/data-2`))).toMatchObject({
      name: 'data-2',
      kind: 'volume',
      size_gb: 1,
      provider: expect.any(String),
      access: expect.stringMatching(/^(one_node|many)$/),
      size_limit: expect.stringMatching(/^(hard|watched)$/),
      mounted_by: [session.id],
      retained_until: null,
    });
    await end(session);
    for (const name of ['../up', 'A', 'a b', '-a', 'x'.repeat(41), '.']) {
      refused(await owner.api.post('/v1/sessions', { workspace_id: ws, ...volume(1, name) }), 'invalid');
    }
    for (const size of [0, -1, 1.5, '10', 102_401]) {
      const body = { workspace_id: ws, request_persistent_storage: true, persistent_storage_size_gb: size };
      refused(await owner.api.post('/v1/sessions', body), 'invalid');
    }
    refused(await owner.api.get(`${at(ws)}/volumes/none`), 'not_found');
  });
});

describe('a bucket', () => {
  it('lies at /buckets/<name>, and belongs to its workspace', async ({ skip }) => {
    const [ws, other] = [await workspace(owner.api, owner.id), await workspace(owner.api, owner.id)];
    const one = await running(owner.api, { workspace_id: ws, ...bucket(3, 'models') });
    if (one.details.isolation === 'none') {
      ok(await admin.del(`${at(ws)}?force=true`));
      skip('sessions without isolation have no /buckets');
    }
    const path = '/buckets/models';
    await shell(owner.api, one, `echo weights > ${path}/w; mkdir ${path}/d`);
    const two = await running(owner.api, { workspace_id: ws, ...bucket(3, 'models') });
    expect(await shell(owner.api, two, `cat ${path}/w`)).toBe('weights\n');
    const elsewhere = await running(owner.api, { workspace_id: other, ...bucket(3, 'models') });
    expect(await shell(owner.api, elsewhere, `ls -A ${path}`)).toBe('');
    expect(ok(await owner.api.get<Storage[]>(`${at(ws)}/buckets`))).toMatchObject([
      { name: 'models', kind: 'bucket', size_gb: 3 },
    ]);
    refused(await owner.api.del(`${at(ws)}/buckets/models`), 'conflict');
    for (const { id } of [one, two]) ok(await owner.api.del(`/v1/sessions/${id}`));
    ok(await owner.api.del(`${at(ws)}/buckets/models`));
    for (const name of [ws, other]) ok(await admin.del(`${at(name)}?force=true`));
  });
});

describe('a deleted workspace', () => {
  const filled = async (): Promise<string> => {
    const ws = await workspace(owner.api, owner.id);
    const session = await running(owner.api, {
      workspace_id: ws,
      ...volume(1),
      request_bucket: true,
      bucket_size_gb: 1,
    });
    await shell(owner.api, session, 'echo precious > file');
    ok(await owner.api.del(`/v1/sessions/${session.id}`));
    return ws;
  };
  const body = (ws: string): Json => ({
    user_id: owner.id,
    workspace_id: ws,
    name: 'again',
    resource_package: 'dev_micro',
  });
  const remove = async (ws: string, query = '') =>
    ok(await owner.api.del<{ deleted: boolean; retained_until?: string | null }>(`${at(ws)}${query}`));

  it('is refused while it has live sessions, naming them', async () => {
    const ws = await workspace(owner.api, owner.id);
    const session = await running(owner.api, { workspace_id: ws });
    expect(refused(await owner.api.del(at(ws)), 'conflict').detail).toContain(session.id);
    ok(await owner.api.del(`/v1/sessions/${session.id}`));
    await remove(ws);
  });

  it('and a session in it never come to be at once', async () => {
    for (let round = 0; round < 8; round++) {
      const ws = await workspace(owner.api, owner.id);
      const create = () => owner.api.post<Session>('/v1/sessions', { workspace_id: ws, resource_package: 'dev_micro' });
      const end = () => owner.api.del(at(ws));
      const order = round % 2 ? [create, end] : [end, create];
      const answers = await Promise.all(order.map((call) => call()));
      const [made, gone] = round % 2 ? answers : answers.toReversed();
      expect([made?.status, gone?.status].sort()).not.toEqual([200, 200]);
      if (made?.status !== 200) expect([404, 409]).toContain(made?.status);
      ok(await admin.del(`${at(ws)}?force=true`));
    }
  });

  it('keeps its data for a while, and gives it back to its owner', async () => {
    const ws = await filled();
    const gone = await remove(ws);
    expect(gone.deleted).toBe(true);
    const kept =
      Date.parse(gone.retained_until ?? '') -
      Date.parse(ok(await admin.get<{ timestamp: string }>('/health')).timestamp);
    expect(kept / 86_400_000).toBeGreaterThan(6.9);
    expect(kept / 86_400_000).toBeLessThanOrEqual(7);
    expect((await remove(ws)).retained_until).toBe(gone.retained_until);
    refused(await owner.api.get(at(ws)), 'not_found');
    refused(await owner.api.post('/v1/sessions', { workspace_id: ws }), 'not_found');
    expect(
      ok(await owner.api.get<Workspace[]>(`/v1/workspaces/${owner.id}`)).map(({ workspace_id }) => workspace_id),
    ).not.toContain(ws);
    expect(ok(await owner.api.get<Storage[]>(`${at(ws)}/volumes`))).toMatchObject([
      { name: 'default', retained_until: gone.retained_until },
    ]);
    expect(ok(await owner.api.get<Storage[]>(`${at(ws)}/buckets`))).toHaveLength(1);
    const again = ok(await owner.api.post<Workspace>('/v1/workspaces', body(ws)));
    expect(again).toMatchObject({ status: 'active', retained_until: null });
    const session = await running(owner.api, { workspace_id: ws, ...volume(1) });
    expect(await shell(owner.api, session, 'cat file')).toBe('precious\n');
    ok(await admin.del(`${at(ws)}?force=true`));
  });

  it('counts against the workspace limit while its data is kept, and says so', async () => {
    const free = await person(admin, 'free');
    const ws = await workspace(free.api, free.id);
    const session = await running(free.api, { workspace_id: ws, ...volume(1) });
    ok(await free.api.del(`/v1/sessions/${session.id}`));
    ok(await free.api.del(`/v1/workspaces/${free.id}/${ws}`));
    const other = { user_id: free.id, workspace_id: 'other', name: 'x', resource_package: 'dev_micro' };
    const problem = refused(await free.api.post('/v1/workspaces', other), 'quota_exceeded');
    expect(problem.detail).toMatch(/deleted|kept/);
    ok(await free.api.del(`/v1/workspaces/${free.id}/${ws}?force=true`));
    await until('there is room', async () => (await free.api.post('/v1/workspaces', other)).status === 200);
  });

  it('is gone at once by force, live sessions and all', async () => {
    const ws = await filled();
    const session = await running(owner.api, { workspace_id: ws, ...volume(1) });
    const gone = await remove(ws, '?force=true');
    expect(gone).toMatchObject({ deleted: true });
    await until('the session is gone', async () => {
      const now = ok(await admin.get<Session>(`/v1/sessions/${session.id}`));
      return now.status === 'terminated' && now;
    });
    const made = await until('the name is free', async () => {
      const answer = await owner.api.post<Workspace>('/v1/workspaces', body(ws));
      return answer.status === 200 && answer.body;
    });
    expect(made.status).toBe('active');
    const fresh = await running(owner.api, { workspace_id: ws, ...volume(1) });
    expect(await shell(owner.api, fresh, 'ls -A')).toBe('');
    ok(await admin.del(`${at(ws)}?force=true`));
  });

  it('loses its kept data by force, too', async () => {
    const ws = await filled();
    await remove(ws);
    expect((await remove(ws, '?force=true')).retained_until).toBeNull();
    await until('the name is free', async () => (await owner.api.post('/v1/workspaces', body(ws))).status === 200);
    expect(ok(await owner.api.get<Storage[]>(`${at(ws)}/volumes`))).toEqual([]);
    const session = await running(owner.api, { workspace_id: ws, ...volume(1) });
    expect(await shell(owner.api, session, 'ls -A')).toBe('');
    ok(await admin.del(`${at(ws)}?force=true`));
  });
});
