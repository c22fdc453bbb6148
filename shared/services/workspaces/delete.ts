import { Problem } from '#contract/errors.ts';
import { workspaceFor } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { ALONE } from '../kernel/lanes.ts';
import { workspaceKey, workspaces } from '../model/collections.ts';
import { workspaceLabel } from '../model/labels.ts';
import type { WorkspaceDoc } from '../model/docs.ts';
import { endSessionsOf, notEnding } from '../lifecycle/end-workspace.ts';
import { enqueuePurge } from '../lifecycle/purge-workspace.ts';
import { retire } from '../lifecycle/retire-workspace.ts';

interface Input {
  readonly user_id: string;
  readonly workspace_id: string;
  readonly force: boolean;
}

/** Named in a refusal, of each status. */
const NAMED = 20;

/** Deletes the record, or begins to: `deleting` until the last session is gone. @throws Problem conflict */
const begin = async (deps: Deps, draft: Draft, call: Call, input: Input): Promise<WorkspaceDoc> => {
  const found = await workspaceFor(draft, call, input.user_id, input.workspace_id, 'owner', 'shown');
  const key = workspaceKey(found.workspace.owner, found.workspace.workspace_id);
  const before: WorkspaceDoc = { ...found.workspace, purge_now: found.workspace.purge_now || input.force };
  if (before.status === 'deleted') {
    const again = input.force && before.retained_until !== null ? await retire(deps, draft, before) : before;
    if (again !== before) draft.put(workspaces, key, again);
    return again;
  }
  const ids = input.force ? [] : (await notEnding(draft, key, NAMED)).map(({ id }) => id);
  if (ids.length > 0) {
    throw new Problem(
      'conflict',
      `Workspace ${before.workspace_id} has live sessions: ${ids.slice(0, NAMED).join(', ')}. End them first, or delete with ?force=true.`,
      { extra: { sessions: ids } },
    );
  }
  const after: WorkspaceDoc =
    before.live_sessions > 0 ? { ...before, status: 'deleting' } : await retire(deps, draft, before);
  draft.put(workspaces, key, after);
  writeAudit(deps, draft, call, {
    workspace_owner: after.owner,
    workspace_id: after.workspace_id,
    target: workspaceLabel(after),
    detail: { force: input.force, ended: before.live_sessions, retained_until: after.retained_until },
  });
  return after;
};

/**
 * Deletes a workspace. With live sessions it is refused, naming them; with ending ones it waits in `deleting`. Its
 * data is kept for the retention, or goes at once with `force`, which also ends its sessions. Twice is fine.
 */
export const deleteWorkspace = async (deps: Deps, call: Call, input: Input) => {
  const workspace = await deps.lanes.add(input.user_id, (draft) => begin(deps, draft, call, input), ALONE);
  if (workspace.status === 'deleting' && input.force) await endSessionsOf(deps, call, workspace);
  await enqueuePurge(deps, workspace);
  return { deleted: true, retained_until: workspace.purge_now ? null : workspace.retained_until };
};
