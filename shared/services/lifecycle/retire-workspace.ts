import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { accounts, userKey } from '../model/collections.ts';
import type { WorkspaceDoc } from '../model/docs.ts';
import { accountOf } from '../billing/account.ts';

const DAY_MS = 86_400_000;

const holdsData = (workspace: WorkspaceDoc): boolean => workspace.volumes > 0 || workspace.buckets > 0;

/** A workspace that counts no more: its place among the owner's is free. */
export const freeWorkspaceSlot = async (draft: Draft, workspace: WorkspaceDoc): Promise<void> => {
  if (workspace.is_default) return;
  const account = await accountOf(draft, workspace.owner);
  draft.put(accounts, userKey(workspace.owner), { ...account, workspaces: account.workspaces - 1 });
};

/**
 * Makes a workspace `deleted` once nothing lives in it. One that holds data is kept with it until its retention ends
 * (at once where that is wanted) and counts against the owner's limit; one that holds none is out of the count now. Its volumes and
 * buckets are not written: there may be many, and the workspace says until when they are kept.
 */
export const retire = async (deps: Deps, draft: Draft, workspace: WorkspaceDoc): Promise<WorkspaceDoc> => {
  const now = deps.clock.now();
  const until = workspace.purge_now ? now : now + deps.settings.retention_days * DAY_MS;
  if (!holdsData(workspace)) await freeWorkspaceSlot(draft, workspace);
  return {
    ...workspace,
    status: 'deleted',
    updated_at: iso(now),
    retained_until: holdsData(workspace) ? iso(until) : null,
    generation: workspace.generation + 1,
  };
};

/** What a workspace becomes when its last session has gone: deleted, if that is what was waited for. */
export const afterLastSession = (deps: Deps, draft: Draft, workspace: WorkspaceDoc): Promise<WorkspaceDoc> =>
  workspace.status === 'deleting' ? retire(deps, draft, workspace) : Promise.resolve(workspace);
