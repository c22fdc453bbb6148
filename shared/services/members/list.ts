import { workspaceFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { type PageInput, pageOfQuery } from '../kernel/pages.ts';
import { members, workspaceKey } from '../model/collections.ts';

export const listMembers = async (
  deps: Deps,
  call: Call,
  input: { user_id: string; workspace_id: string } & PageInput,
) => {
  await workspaceFor(lookupIn(deps.store), call, input.user_id, input.workspace_id, 'viewer');
  const where = { workspace_key: workspaceKey(input.user_id, input.workspace_id) };
  return pageOfQuery(
    deps.store,
    members,
    { where, order: { field: 'member_id', direction: 'asc' } },
    input,
    (member) => ({
      member_id: member.member_id,
      role: member.role,
      added_at: member.added_at,
    }),
  );
};
