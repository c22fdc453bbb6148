import { DEFAULT_WORKSPACE_PACKAGE } from '#domain/entitlements.ts';
import { iso } from '#ports/clock.ts';
import { roleIn, type WorkspaceAccess, workspaceFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { workspaceKey, workspaces } from '../model/collections.ts';
import type { WorkspaceDoc } from '../model/docs.ts';
import { ensureUser } from '../users/ensure.ts';

/** Where sessions land that name no workspace: made at first use, listed, not counted against the limit. */
export const DEFAULT_WORKSPACE = 'default';

export const newWorkspace = (
  deps: Deps,
  fields: Pick<WorkspaceDoc, 'owner' | 'workspace_id' | 'name' | 'description' | 'resource_package' | 'is_default'>,
): WorkspaceDoc => {
  const now = iso(deps.clock.now());
  return {
    ...fields,
    status: 'active',
    live_sessions: 0,
    volumes: 0,
    buckets: 0,
    storage_gb: 0,
    created_at: now,
    updated_at: now,
    retained_until: null,
    purge_now: false,
    generation: 1,
  };
};

/** The workspace to create a session in; the owner's default one is made where it is missing. */
export const workspaceForCreate = async (
  deps: Deps,
  draft: Draft,
  call: Call,
  owner: string,
  workspaceId: string,
): Promise<WorkspaceAccess> => {
  const key = workspaceKey(owner, workspaceId);
  if (workspaceId === DEFAULT_WORKSPACE && (await draft.get(workspaces, key)) === null) {
    const role = await roleIn(draft, call, owner, workspaceId);
    if (role === 'owner') {
      const user = await ensureUser(deps, draft, owner);
      const made = newWorkspace(deps, {
        owner,
        workspace_id: DEFAULT_WORKSPACE,
        name: 'Default workspace',
        description: 'Sessions that name no workspace land here.',
        resource_package: DEFAULT_WORKSPACE_PACKAGE[user.user_type],
        is_default: true,
      });
      draft.create(workspaces, key, made);
      return { workspace: made, role };
    }
  }
  return workspaceFor(draft, call, owner, workspaceId, 'editor');
};
