import { DEFAULT_WORKSPACE_PACKAGE } from '#domain/entitlements.ts';
import { roleIn, type WorkspaceAccess, workspaceFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { workspaceKey, workspaces } from '../model/collections.ts';
import { ensureUser } from '../kernel/users.ts';
import { removeFormerMembersIn } from '../lifecycle/remove-members.ts';
import { makeWorkspace } from './make.ts';

/** The workspace of sessions that name none: created at its first use, listed, and not counted against the limit. */
export const DEFAULT_WORKSPACE = 'default';

/** The workspace to create a session in; the owner's default one is made where it is missing. */
export const workspaceForCreate = async (
  deps: Deps,
  draft: Draft,
  call: Call,
  owner: string,
  workspaceId: string,
): Promise<WorkspaceAccess> => {
  const key = workspaceKey(owner, workspaceId);
  const before = workspaceId === DEFAULT_WORKSPACE ? await draft.get(workspaces, key) : null;
  if (workspaceId === DEFAULT_WORKSPACE && (before === null || before.status === 'deleted')) {
    const role = await roleIn(draft, call, owner, workspaceId);
    if (role === 'owner') {
      const user = await ensureUser(deps, draft, call, owner);
      if (before) await removeFormerMembersIn(draft, before, key);
      const made = makeWorkspace(deps, draft, before, {
        owner,
        workspace_id: DEFAULT_WORKSPACE,
        name: 'Default workspace',
        description: 'Sessions that name no workspace land here.',
        resource_package: DEFAULT_WORKSPACE_PACKAGE[user.user_type],
        // One that its owner made by name, and that still counts, stays so.
        is_default: !before?.retained_until || before.is_default,
      });
      return { workspace: made, role };
    }
  }
  return workspaceFor(draft, call, owner, workspaceId, 'editor');
};
