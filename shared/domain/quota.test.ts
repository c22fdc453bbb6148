import { describe, expect, it } from 'vitest';
import type { PackageName } from './packages.ts';
import type { Verdict } from './quota.ts';
import {
  decideNamespace,
  decidePackage,
  decideResources,
  decideSessions,
  decideSharing,
  decideStorage,
  decideWorkspaces,
} from './quota.ts';
import type { ResourceRequest } from './resources.ts';
import { resolveResources } from './resources.ts';

const said = (verdict: Verdict) => (verdict.ok ? 'yes' : `${verdict.code} ${verdict.field}: ${verdict.message}`);
const resolve = (asked: ResourceRequest, workspace: PackageName = 'dev_micro') => {
  const result = resolveResources(asked, workspace);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.resources;
};

describe('sentences that clients know word for word', () => {
  it('package', () => {
    expect(said(decidePackage('developer', 'free', 'dev_large'))).toBe(
      'entitlement_denied resource_package: User developer cannot create workspace with package DEV_LARGE',
    );
    expect(said(decidePackage('developer', 'pro', 'dev_large'))).toBe('yes');
  });

  it('GPU', () => {
    expect(said(decideResources('pro', resolve({ gpu_type: 'a100' })))).toBe(
      'entitlement_denied gpu_type: GPU type A100 not available for user type PRO',
    );
    expect(said(decideResources('free', resolve({ resource_package: 'ml_t4_small' })))).toMatch(
      /GPU type T4 not available for user type FREE$/,
    );
  });

  it('storage', () => {
    const used = { volumes: 1, buckets: 0, storage_gb: 40 };
    const ask = (more: Partial<typeof used>) =>
      said(decideStorage('free', 'test-workspace', used, { volumes: 0, buckets: 0, storage_gb: 0, ...more }));
    expect(ask({ volumes: 1, storage_gb: 1 })).toBe(
      'storage_exceeded request_persistent_storage: Workspace test-workspace cannot allocate requested storage',
    );
    expect(ask({ storage_gb: 11 })).toMatch(/^storage_exceeded persistent_storage_size_gb/);
    expect(ask({ buckets: 1, storage_gb: 11 })).toMatch(/^storage_exceeded bucket_size_gb/);
    expect(ask({ buckets: 2 })).toMatch(/^storage_exceeded request_bucket/);
    expect(ask({ buckets: 1, storage_gb: 10 })).toBe('yes');
  });

  it('does not refuse what is there already over a limit that fell', () => {
    const used = { volumes: 9, buckets: 9, storage_gb: 900 };
    expect(said(decideStorage('free', 'w', used, { volumes: 0, buckets: 0, storage_gb: 0 }))).toBe('yes');
  });
});

describe('counters', () => {
  it('refuse the one too many', () => {
    expect(said(decideSessions('free', null, 1))).toBe('yes');
    expect(said(decideSessions('free', null, 2))).toBe(
      'quota_exceeded user: At most 2 sessions at once may be live, and 2 are. End one, then try again.',
    );
    expect(said(decideSessions('free', 5, 4))).toBe('yes');
    expect(said(decideSessions('enterprise', 0, 0))).toMatch(/^quota_exceeded/);
  });

  it('say that deleted workspaces still count', () => {
    expect(said(decideWorkspaces('pro', 4, 0))).toBe('yes');
    expect(said(decideWorkspaces('free', 1, 0))).toMatch(/may have 1 workspace, and 1 is there\. Delete one/);
    expect(said(decideWorkspaces('pro', 5, 1))).toMatch(
      /Of them 1 is deleted with data still kept: DELETE \?force=true/,
    );
  });

  it('keep a free user’s sessions in one namespace, and workspaces unshared', () => {
    expect(said(decideNamespace('free', [], 'a'))).toBe('yes');
    expect(said(decideNamespace('free', ['a'], 'a'))).toBe('yes');
    expect(said(decideNamespace('free', ['a'], 'b'))).toMatch(/^entitlement_denied namespace: .* that is a now/);
    expect(said(decideNamespace('pro', ['a'], 'b'))).toBe('yes');
    expect(said(decideSharing('free'))).toMatch(/^entitlement_denied/);
    expect(said(decideSharing('pro'))).toBe('yes');
  });
});

describe('a session’s size', () => {
  it('is held against the entitlement by what decided it', () => {
    expect(said(decideResources('free', resolve({})))).toBe('yes');
    expect(said(decideResources('free', resolve({}, 'ds_large')))).toMatch(
      /may no longer use the workspace’s package DS_LARGE/,
    );
    expect(said(decideResources('pro', resolve({ resource_package: 'ds_large' })))).toMatch(
      /may not use package DS_LARGE/,
    );
    expect(said(decideResources('free', resolve({ resource_tier: 'small' })))).toBe('yes');
    expect(said(decideResources('free', resolve({ resource_tier: 'medium' })))).toBe(
      'entitlement_denied resource_tier: User type FREE has no package as large as 1 CPU and 2Gi without a GPU.',
    );
    expect(
      said(
        decideResources('pro', resolve({ resource_spec: { custom_cpu_request: '4', custom_memory_request: '16Gi' } })),
      ),
    ).toMatch(/^entitlement_denied resource_spec/);
    expect(
      said(
        decideResources(
          'pro',
          resolve({ resource_spec: { custom_cpu_request: '4', custom_memory_request: '16Gi' }, gpu_type: 't4' }),
        ),
      ),
    ).toBe('yes');
  });

  it('counts the limit, which is what may be used', () => {
    expect(
      said(decideResources('free', resolve({ resource_spec: { cpu_size: 'micro', custom_cpu_limit: '8' } }))),
    ).toMatch(/^entitlement_denied/);
  });
});
