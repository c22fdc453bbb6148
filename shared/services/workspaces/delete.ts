import { Problem } from '#contract/errors.ts';
import { workspaceFor } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { sessions, workspaceKey, workspaces } from '../model/collections.ts';
import type { IntentDoc, WorkspaceDoc } from '../model/docs.ts';
import { beginEnd } from '../lifecycle/begin-end.ts';
import { enqueueIntent } from '../lifecycle/intents.ts';
import { enqueuePurge } from '../lifecycle/purge-workspace.ts';
import { retire } from '../lifecycle/retire-workspace.ts';

interface Input {
  readonly user_id: string;
  readonly workspace_id: string;
  readonly force: boolean;
}

const liveSessions = (draft: Draft, key: string) =>
  draft.query(sessions, {
    where: { workspace_key: key, live: true },
    order: { field: 'id', direction: 'asc' },
    limit: 1000,
  });

/**
 * Deletes a workspace. With live sessions it is refused, naming them; with ending ones it waits in `deleting`. Its
 * data is kept for the retention, or goes at once with `force`, which also ends its sessions. Twice is fine.
 */
export const deleteWorkspace = async (deps: Deps, call: Call, input: Input) => {
  const { workspace, begun } = await transact(deps.store, async (draft) => {
    const found = await workspaceFor(draft, call, input.user_id, input.workspace_id, 'owner', 'shown');
    const key = workspaceKey(found.workspace.owner, found.workspace.workspace_id);
    const before: WorkspaceDoc = { ...found.workspace, purge_now: found.workspace.purge_now || input.force };
    const intents: IntentDoc[] = [];
    if (before.status === 'deleted') {
      const again = input.force && before.retained_until !== null ? await retire(deps, draft, before) : before;
      if (again !== before) draft.put(workspaces, key, again);
      return { workspace: again, begun: intents };
    }
    const live = await liveSessions(draft, key);
    const running = live.docs.filter(({ data }) => data.status === 'creating' || data.status === 'running');
    if (running.length > 0 && !input.force) {
      const ids = running.map(({ id }) => id);
      throw new Problem(
        'conflict',
        `Workspace ${before.workspace_id} has live sessions: ${ids.slice(0, 20).join(', ')}. End them first, or delete with ?force=true.`,
        {
          extra: { sessions: ids },
        },
      );
    }
    for (const { data } of live.docs) {
      const { intent } = beginEnd(deps, draft, call, data, { reason: 'workspace_deleted', force: input.force });
      if (intent) intents.push(intent);
    }
    const after: WorkspaceDoc =
      live.docs.length > 0 ? { ...before, status: 'deleting' } : await retire(deps, draft, before);
    draft.put(workspaces, key, after);
    writeAudit(deps, draft, call, {
      workspace_owner: after.owner,
      workspace_id: after.workspace_id,
      target: key,
      detail: { force: input.force, ended: intents.length, retained_until: after.retained_until },
    });
    return { workspace: after, begun: intents };
  });
  for (const intent of begun) await enqueueIntent(deps, intent);
  await enqueuePurge(deps, workspace);
  return { deleted: true, retained_until: workspace.purge_now ? null : workspace.retained_until };
};
