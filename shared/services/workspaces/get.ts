import { workspaceFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { userKey, users } from '../model/collections.ts';
import { workspaceToWire } from './wire.ts';

export const getWorkspace = async (deps: Deps, call: Call, input: { user_id: string; workspace_id: string }) => {
  const lookup = lookupIn(deps.store);
  const { workspace, role } = await workspaceFor(lookup, call, input.user_id, input.workspace_id, 'viewer');
  const owner = await lookup.get(users, userKey(workspace.owner));
  return workspaceToWire(workspace, role, owner?.user_type ?? deps.settings.default_user_type);
};
