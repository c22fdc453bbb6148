import { describe, expect, it } from 'vitest';
import { type Api, type Json, ok, type ProblemBody, refused } from './support/api.ts';
import type { Entitlements, Session } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Person, person, unique, workspace } from './support/world.ts';

const DEV = ['dev_micro', 'dev_small', 'dev_medium', 'dev_large'];
const T4 = ['ml_t4_small', 'ml_t4_medium', 'ml_t4_large'];
const BIG_GPU = ['ml_a100', 'ml_h100'].flatMap((name) => ['small', 'medium', 'large'].map((size) => `${name}_${size}`));
const ALL = [
  ...['free_micro', ...DEV, 'ds_small', 'ds_medium', 'ds_large', ...T4, ...BIG_GPU],
  ...['compute_small', 'compute_medium', 'compute_large', 'compute_xlarge'],
];
const TYPES = {
  free: {
    workspaces: 1,
    sessions: 2,
    packages: ['free_micro', 'dev_micro', 'dev_small'],
    gpus: [],
    sharing: false,
    cross_namespace: false,
    per_workspace: { buckets: 1, volumes: 1, storage_gb: 50 },
  },
  pro: {
    workspaces: 5,
    sessions: 10,
    packages: [...DEV, 'ds_small', 'ds_medium', ...T4, 'compute_small', 'compute_medium'],
    gpus: ['t4', 'l4'],
    sharing: true,
    cross_namespace: true,
    per_workspace: { buckets: 5, volumes: 3, storage_gb: 500 },
  },
  enterprise: {
    workspaces: 20,
    sessions: 200,
    packages: ALL,
    gpus: ['t4', 'v100', 'a100', 'h100', 'l4'],
    sharing: true,
    cross_namespace: true,
    per_workspace: { buckets: 100, volumes: 50, storage_gb: 10_240 },
  },
  admin: {
    workspaces: 1000,
    sessions: 1000,
    packages: ALL,
    gpus: ['t4', 'v100', 'a100', 'h100', 'l4'],
    sharing: true,
    cross_namespace: true,
    per_workspace: { buckets: 1000, volumes: 1000, storage_gb: 102_400 },
  },
} as const;

const entitlements = async (api: Api, user: string) =>
  ok(await api.get<Entitlements>(`/v1/users/${user}/entitlements`));
const estimate = (owner: Person, body: Json) => owner.api.post('/v1/sessions/estimate', body);

describe.each(Object.entries(TYPES))('what a user of type %s may have', (type, table) => {
  it('is what the table says', async () => {
    const owner = await person(admin, type);
    const found = await entitlements(owner.api, owner.id);
    expect(found).toMatchObject({
      user_type: type,
      workspaces: { limit: table.workspaces, used: 0 },
      concurrent_sessions: { limit: table.sessions, used: 0 },
      per_workspace: table.per_workspace,
      sharing: table.sharing,
      cross_namespace: table.cross_namespace,
      budget: null,
    });
    expect([...found.allowed_packages].sort()).toEqual([...table.packages].sort());
    expect([...found.allowed_gpus].sort()).toEqual([...table.gpus].sort());
  });

  it('holds for every package of a workspace', async () => {
    for (const resource_package of ALL) {
      const owner = await person(admin, type);
      const body = { user_id: owner.id, workspace_id: 'w', name: 'w', resource_package };
      const answer = await owner.api.post('/v1/workspaces', body);
      if ((table.packages as readonly string[]).includes(resource_package)) ok(answer);
      else {
        expect(refused(answer, 'entitlement_denied').detail).toBe(
          `User ${owner.id} cannot create workspace with package ${resource_package.toUpperCase()}`,
        );
      }
    }
  });
});

describe('sizes and GPUs', () => {
  it('of a session are bounded by what the packages have', async () => {
    const free = await person(admin, 'free');
    ok(await estimate(free, { resource_spec: { cpu_size: 'small', memory_size: 'small' } }));
    const denied: Json[] = [
      { resource_spec: { cpu_size: 'medium' } },
      { resource_spec: { memory_size: 'medium' } },
      { resource_spec: { custom_cpu_request: '501m' } },
      { resource_spec: { custom_memory_request: '1025Mi' } },
      { resource_spec: { custom_cpu_request: '100m', custom_cpu_limit: '4' } },
      { resource_tier: 'medium' },
      { resource_package: 'dev_medium' },
      { gpu_type: 't4' },
    ];
    for (const body of denied) {
      const answer = await free.api.post('/v1/sessions', { workspace_id: 'default', ...body });
      expect(answer.status === 409 && (answer.body as unknown as ProblemBody).code, JSON.stringify(body)).toBe(
        'entitlement_denied',
      );
    }
    const pro = await person(admin, 'pro');
    refused(await pro.api.post('/v1/sessions', { resource_spec: { memory_size: 'xlarge' } }), 'entitlement_denied');
    refused(await pro.api.post('/v1/sessions', { gpu_type: 'v100' }), 'entitlement_denied');
    refused(await pro.api.post('/v1/sessions', { resource_package: 'ml_a100_small' }), 'entitlement_denied');
  });

  it('are refused where they are no sizes', async () => {
    const owner = await person(admin);
    const bad = ['0', '-1', 'x', '1Gi', ' 1', '1 ', '1,5'];
    for (const custom_cpu_request of bad) {
      refused(await owner.api.post('/v1/sessions', { resource_spec: { custom_cpu_request } }), 'invalid');
    }
    for (const custom_memory_request of ['0', '-1Gi', '1', '1Xi', 'x']) {
      refused(await owner.api.post('/v1/sessions', { resource_spec: { custom_memory_request } }), 'invalid');
    }
    const huge = { resource_spec: { custom_cpu_request: '1000', custom_memory_request: '9999Gi' } };
    refused(await owner.api.post('/v1/sessions', huge), 'entitlement_denied');
    const above = { custom_cpu_request: '2', custom_cpu_limit: '1' };
    refused(await owner.api.post('/v1/sessions', { resource_spec: above }), 'invalid');
    refused(await owner.api.post('/v1/sessions', { resource_spec: { cpu_size: 'custom' } }), 'invalid');
  });
});

describe('limits', () => {
  it('of workspaces hold, deleted ones with data counted', async () => {
    const owner = await person(admin, 'pro');
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.push(await workspace(owner.api, owner.id));
    const body = { user_id: owner.id, workspace_id: unique('ws'), name: 'x', resource_package: 'dev_micro' };
    refused(await owner.api.post('/v1/workspaces', body), 'quota_exceeded');
    ok(await owner.api.del(`/v1/workspaces/${owner.id}/${made[0]}`));
    ok(await owner.api.post('/v1/workspaces', body));
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        owner.api.post('/v1/workspaces', { ...body, workspace_id: `${body.workspace_id}-${i}` }),
      ),
    );
    expect(answers.every((answer) => answer.status === 409)).toBe(true);
    expect((await entitlements(owner.api, owner.id)).workspaces).toEqual({ limit: 5, used: 5 });
  });

  it('of workspaces hold under many creates at once', async () => {
    const owner = await person(admin, 'pro');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        owner.api.post('/v1/workspaces', {
          user_id: owner.id,
          workspace_id: `w${i}`,
          name: 'x',
          resource_package: 'dev_micro',
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    for (const answer of answers) if (answer.status !== 200) refused(answer, 'quota_exceeded');
  });

  it('of namespaces hold where one has no cross-namespace', async () => {
    const owner = await person(admin, 'free');
    const workspace_id = await workspace(owner.api, owner.id);
    const first = ok(await owner.api.post<Session>('/v1/sessions', { workspace_id, namespace: 'one' }));
    refused(await owner.api.post('/v1/sessions', { workspace_id, namespace: 'two' }), 'entitlement_denied');
    ok(await owner.api.del(`/v1/sessions/${first.id}`));
    const second = ok(await owner.api.post<Session>('/v1/sessions', { workspace_id, namespace: 'two' }));
    ok(await owner.api.del(`/v1/sessions/${second.id}`));
  });

  it('of sessions can be set for one user', async () => {
    const owner = await person(admin, 'enterprise', { max_concurrent_sessions: 0 });
    refused(await owner.api.post('/v1/sessions', {}), 'quota_exceeded');
    ok(await admin.put(`/v1/users/${owner.id}`, { max_concurrent_sessions: 1 }));
    const made = ok(await owner.api.post<Session>('/v1/sessions', {}));
    refused(await owner.api.post('/v1/sessions', {}), 'quota_exceeded');
    ok(await owner.api.del(`/v1/sessions/${made.id}`));
    ok(await admin.put(`/v1/users/${owner.id}`, { max_concurrent_sessions: null }));
    expect((await entitlements(owner.api, owner.id)).concurrent_sessions.limit).toBe(200);
  });

  it('hold for a hundred creates at once: 40 of 40 succeed, 60 are refused, nothing breaks', async () => {
    const owner = await person(admin, 'enterprise', { max_concurrent_sessions: 40 });
    const workspace_id = await workspace(owner.api, owner.id);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        owner.api.post<Session>('/v1/sessions', { workspace_id, resource_package: 'dev_micro' }),
      ),
    );
    const counts = Map.groupBy(answers, ({ status, body }) =>
      status === 200 ? 'made' : (body as unknown as ProblemBody).code,
    );
    expect(Object.fromEntries([...counts].map(([what, { length }]) => [what, length]))).toEqual({
      made: 40,
      quota_exceeded: 60,
    });
    expect((await entitlements(owner.api, owner.id)).concurrent_sessions.used).toBe(40);
    const running = await until(
      'all of them run',
      async () => {
        const list = ok(await owner.api.get<Session[]>('/v1/sessions?state=running'));
        return list.length === 40 && list;
      },
      60,
    );
    expect(new Set(running.map(({ id }) => id)).size).toBe(40);
    ok(await owner.api.del(`/v1/workspaces/${owner.id}/${workspace_id}?force=true`));
    await until(
      'all of them are gone',
      async () => (await entitlements(owner.api, owner.id)).concurrent_sessions.used === 0,
      60,
    );
  });

  it('hold for storage: a hundred creates at once never pass the gigabytes of a workspace', async () => {
    const owner = await person(admin, 'enterprise');
    const workspace_id = await workspace(owner.api, owner.id);
    const bucket = { request_bucket: true, bucket_size_gb: 256 };
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        owner.api.post<Session>('/v1/sessions', { workspace_id, ...bucket, storage_config: { bucket: `b${i}` } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(40);
    for (const answer of answers) if (answer.status !== 200) refused(answer, 'storage_exceeded');
    const [storage] = (await entitlements(owner.api, owner.id)).storage;
    expect(storage).toMatchObject({
      buckets: { limit: 100, used: 40 },
      storage_gb: { limit: 10_240, used: 10_240 },
    });
    ok(await owner.api.del(`/v1/workspaces/${owner.id}/${workspace_id}?force=true`));
  });

  it('of buckets and volumes hold', async () => {
    const owner = await person(admin, 'free');
    const workspace_id = await workspace(owner.api, owner.id);
    const ask = (storage_config: Json) =>
      owner.api.post<Session>('/v1/sessions?wait=30', {
        workspace_id,
        ...('volume' in storage_config ? { request_persistent_storage: true, persistent_storage_size_gb: 1 } : {}),
        ...('bucket' in storage_config ? { request_bucket: true, bucket_size_gb: 1 } : {}),
        storage_config,
      });
    const made = ok(await ask({ volume: 'one', bucket: 'one' }));
    refused(await ask({ volume: 'two' }), 'storage_exceeded');
    refused(await ask({ bucket: 'two' }), 'storage_exceeded');
    ok(await owner.api.del(`/v1/sessions/${made.id}`));
    refused(await ask({ volume: 'two' }), 'storage_exceeded');
    ok(await owner.api.del(`/v1/workspaces/${owner.id}/${workspace_id}?force=true`));
  });
});

describe('users', () => {
  it('are made at first use, and described by an admin alone', async () => {
    const id = unique('new');
    ok(
      await admin.post('/v1/workspaces', { user_id: id, workspace_id: 'w', name: 'w', resource_package: 'dev_micro' }),
    );
    const made = ok(await admin.get(`/v1/users/${id}`));
    expect(made).toMatchObject({
      user_id: id,
      user_type: expect.any(String),
      budget_action: 'refuse',
      monthly_budget_usd: null,
    });
    const other = await person(admin);
    refused(await other.api.put(`/v1/users/${other.id}`, { user_type: 'admin' }), 'forbidden');
    refused(await other.api.get('/v1/users'), 'forbidden');
    refused(await other.api.get(`/v1/users/${id}/entitlements`), 'not_found');
    refused(await admin.put(`/v1/users/${id}`, { user_type: 'emperor' }), 'invalid');
    expect(ok(await admin.put(`/v1/users/${id}`, { user_type: 'PRO', monthly_budget_usd: 12.5 }))).toMatchObject({
      user_type: 'pro',
      monthly_budget_usd: 12.5,
      max_concurrent_sessions: 10,
    });
    refused(await admin.get(`/v1/users/${unique('none')}`), 'not_found');
  });

  it('are forgotten with their keys, once nothing of theirs is left', async () => {
    const owner = await person(admin);
    const workspace_id = await workspace(owner.api, owner.id);
    refused(await admin.del(`/v1/users/${owner.id}`), 'conflict');
    ok(await admin.del(`/v1/workspaces/${owner.id}/${workspace_id}?force=true`));
    ok(await admin.del(`/v1/users/${owner.id}`));
    refused(await owner.api.get('/'), 'unauthenticated');
    ok(await admin.del(`/v1/users/${owner.id}`));
  });
});
