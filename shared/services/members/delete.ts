import { workspaceFor } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { memberKey, members, workspaceKey } from '../model/collections.ts';

/** Takes a member out; from then on the workspace is not found for that user. Doing it twice is fine. */
export const deleteMember = (
  deps: Deps,
  call: Call,
  input: { user_id: string; workspace_id: string; member_id: string },
) =>
  transact(deps.store, async (draft) => {
    const { workspace } = await workspaceFor(draft, call, input.user_id, input.workspace_id, 'owner');
    const key = memberKey(workspaceKey(workspace.owner, workspace.workspace_id), input.member_id);
    const before = await draft.get(members, key);
    if (!before) return { deleted: false };
    draft.delete(members, key);
    writeAudit(deps, draft, call, {
      workspace_owner: workspace.owner,
      workspace_id: workspace.workspace_id,
      target: input.member_id,
      detail: { role: before.role },
    });
    return { deleted: true };
  });
