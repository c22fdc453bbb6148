import { describe, expect, it } from 'vitest';
import { ok, refused } from './support/api.ts';
import type { Session, Workspace } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { person, workspace } from './support/world.ts';

describe('creates of the v2 clients', () => {
  it('land in the user’s default workspace, which is made, listed and not counted', async () => {
    const owner = await person(admin, 'pro');
    const made = ok(
      await admin.post<Session>('/v1/sessions?wait=60', {
        provider: 'gke',
        template: 'python',
        namespace: 'project1',
        user: owner.id,
        resource_tier: 'medium',
        request_persistent_storage: true,
      }),
    );
    expect(made).toMatchObject({ workspace_id: 'default', status: 'running', resource_package: null });
    expect(made.resource_spec).toMatchObject({ cpu_request: '1', memory_request: '2Gi' });
    const list = ok(await admin.get<Workspace[]>(`/v1/workspaces/${owner.id}`));
    expect(list).toMatchObject([{ workspace_id: 'default', resource_package: 'dev_medium' }]);
    const used = ok(await admin.get(`/v1/users/${owner.id}/entitlements`))['workspaces'];
    expect(used).toEqual({ limit: 5, used: 0 });
    ok(await admin.del(`/v1/sessions/${made.id}`));
    ok(await admin.del(`/v1/workspaces/${owner.id}/default?force=true`));
  });

  it('put resource_spec before resource_package before resource_tier before the workspace’s package', async () => {
    const owner = await person(admin, 'enterprise');
    const workspace_id = await workspace(admin, owner.id, { resource_package: 'dev_large' });
    const size = async (body: object) => {
      const made = ok(await admin.post<Session>('/v1/sessions', { user: owner.id, workspace_id, ...body }));
      ok(await admin.post(`/v1/sessions/${made.id}/force-delete`));
      return [made.resource_spec['cpu_request'], made.resource_spec['memory_request']];
    };
    expect(await size({})).toEqual(['2', '4Gi']);
    expect(await size({ resource_tier: 'small' })).toEqual(['500m', '1Gi']);
    expect(await size({ resource_tier: 'small', resource_package: 'dev_micro' })).toEqual(['250m', '512Mi']);
    const resource_spec = { cpu_size: 'medium', memory_size: 'small' };
    expect(await size({ resource_tier: 'large', resource_package: 'dev_micro', resource_spec })).toEqual(['1', '1Gi']);
    expect(await size({ resource_package: 'dev_micro', resource_spec: { cpu_size: 'small' } })).toEqual([
      '500m',
      '512Mi',
    ]);
    const custom = {
      cpu_size: 'medium',
      memory_size: 'large',
      custom_cpu_request: '1.5',
      custom_memory_request: '3Gi',
    };
    expect(await size({ resource_spec: custom })).toEqual(['1.5', '3Gi']);
  });
});

describe('the sentences that clients look for', () => {
  it('say which package a user cannot have', async () => {
    const owner = await person(admin, 'free');
    const body = { user_id: owner.id, workspace_id: 'big', name: 'Big', resource_package: 'dev_large' };
    const problem = refused(await admin.post('/v1/workspaces', body), 'entitlement_denied');
    expect(problem.detail).toBe(`User ${owner.id} cannot create workspace with package DEV_LARGE`);
  });

  it('say that a workspace cannot have the storage', async () => {
    const owner = await person(admin, 'free');
    const workspace_id = await workspace(admin, owner.id);
    const body = { user: owner.id, workspace_id, request_persistent_storage: true, persistent_storage_size_gb: 51 };
    const problem = refused(await admin.post('/v1/sessions', body), 'storage_exceeded');
    expect(problem.detail).toBe(`Workspace ${workspace_id} cannot allocate requested storage`);
  });

  it('say which GPU a user type cannot have', async () => {
    const owner = await person(admin, 'pro');
    const workspace_id = await workspace(admin, owner.id);
    for (const gpu of [{ gpu_type: 'a100' }, { gpu_spec: { gpu_type: 'A100', gpu_count: 2 } }]) {
      const problem = refused(
        await admin.post('/v1/sessions', { user: owner.id, workspace_id, ...gpu }),
        'entitlement_denied',
      );
      expect(problem.detail).toBe('GPU type A100 not available for user type PRO');
    }
  });
});
