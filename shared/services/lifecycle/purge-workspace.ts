import type { TaskPayload } from '#contract/tasks.ts';
import { hashedName } from '#domain/names.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { writeAudit } from '../kernel/audit.ts';
import { systemCall } from '../kernel/call.ts';
import type { Lookup } from '../kernel/access.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { everyDoc } from '../kernel/pages.ts';
import { workspaceLabel } from '../model/labels.ts';
import type { WorkspaceDoc } from '../model/docs.ts';
import { storage, workspaceKey, workspaces } from '../model/collections.ts';
import { hasFormerMembers, isForgotten, removeFormerMembers, removeMembers } from './remove-members.ts';
import { removeStorage } from './remove-storage.ts';
import { freeWorkspaceSlot } from './retire-workspace.ts';

/** When a deleted workspace is purged: its data when its time has come, its members at once where it has no data. */
const purgeAt = async (deps: Deps, workspace: WorkspaceDoc): Promise<number | null> => {
  if (workspace.status !== 'deleted') return null;
  if (workspace.retained_until !== null) return epochMs(workspace.retained_until);
  return (await hasFormerMembers(deps, workspace)) ? deps.clock.now() : null;
};

/** The task that removes what a deleted workspace has left when its time has come. */
export const enqueuePurge = async (deps: Deps, workspace: WorkspaceDoc, again = false): Promise<void> => {
  const payload: TaskPayload<'workspace.purge'> = {
    v: 1,
    owner: workspace.owner,
    workspace_id: workspace.workspace_id,
    generation: workspace.generation,
  };
  // A queue takes tasks of the next 30 days: one that comes early goes again, under the name of its day.
  const day = again ? [iso(deps.clock.now()).slice(0, 10)] : [];
  const name = hashedName('pur', workspace.owner, workspace.workspace_id, String(workspace.generation), ...day);
  try {
    const at = await purgeAt(deps, workspace);
    if (at === null) return;
    await deps.queue.enqueue({ name, task: 'workspace.purge', payload, at });
  } catch (error) {
    deps.log.warn({ workspace: workspace.workspace_id, err: error }, 'a purge was not enqueued; the sweep takes it up');
  }
};

/** What is to be done in place of a purge that is not due: the members of one without data, or nothing yet. */
const purgeOtherwise = async (deps: Deps, key: string, generation: number): Promise<void> => {
  const workspace = await lookupIn(deps.store).get(workspaces, key);
  if (workspace?.generation !== generation) return;
  if (isForgotten(workspace)) await removeFormerMembers(deps, key);
  else await enqueuePurge(deps, workspace, true);
};

/**
 * Removes a deleted workspace's data once its retention has ended, then frees its place among the owner's. Asked anew
 * in each step's own transaction: one that was made again meanwhile keeps its data.
 */
export const purgeWorkspace = async (
  deps: Deps,
  at: { owner: string; workspace_id: string; generation: number },
): Promise<void> => {
  const key = workspaceKey(at.owner, at.workspace_id);
  // One instant for all steps: a clock that is set back meanwhile would leave storage, and count it as removed.
  const now = iso(deps.clock.now());
  const due = async (lookup: Lookup): Promise<boolean> => {
    const doc = await lookup.get(workspaces, key);
    return (
      doc?.status === 'deleted' &&
      doc.generation === at.generation &&
      doc.retained_until !== null &&
      doc.retained_until <= now
    );
  };
  if (!(await due(lookupIn(deps.store)))) return purgeOtherwise(deps, key, at.generation);
  let more = false;
  for await (const doc of everyDoc(deps.store, storage, {
    where: { workspace_key: key },
    order: { field: 'name', direction: 'asc' },
  })) {
    const removal = await removeStorage(deps, systemCall('purge'), doc.id, (_, draft) => due(draft));
    more ||= removal === 'more';
  }
  // Tasks of their own remove the rest of what is large. A later round finds it gone, and ends this.
  if (more) return;
  await removeMembers(deps, key, due);
  await transact(deps.store, async (draft) => {
    const doc = await draft.get(workspaces, key);
    if (!doc || doc.generation !== at.generation || doc.retained_until === null) return;
    draft.put(workspaces, key, { ...doc, retained_until: null, volumes: 0, buckets: 0, storage_gb: 0 });
    await freeWorkspaceSlot(draft, doc);
    writeAudit(deps, draft, systemCall('purge'), {
      action: 'workspace.purged',
      workspace_owner: at.owner,
      workspace_id: at.workspace_id,
      target: workspaceLabel(at),
    });
  });
};
