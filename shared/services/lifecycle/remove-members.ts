import { Problem } from '#contract/errors.ts';
import type { Lookup } from '../kernel/access.ts';
import { batchesOf, MOST_CHANGED } from '../kernel/batches.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { memberKey, members, workspaceKey, workspaces } from '../model/collections.ts';
import type { WorkspaceDoc } from '../model/docs.ts';

/**
 * Takes every member out, some at a time: who comes to own a workspace of this name shares it with nobody unasked. A
 * deleted workspace takes no new members, so that none is left at the end. One that is made again meanwhile keeps the
 * rest, as it keeps the rest of its data.
 */
export const removeMembers = async (
  deps: Deps,
  key: string,
  due: (lookup: Lookup) => Promise<boolean>,
): Promise<void> => {
  const left: string[] = [];
  for await (const { member_id } of everyDoc(deps.store, members, {
    where: { workspace_key: key },
    order: { field: 'member_id', direction: 'asc' },
  })) {
    left.push(memberKey(key, member_id));
  }
  for (const batch of batchesOf(left, MOST_CHANGED)) {
    await transact(deps.store, async (draft) => {
      if (await due(draft)) for (const id of batch) draft.delete(members, id);
    });
  }
};

/** Deleted, and nothing of it is kept: what is made under its name is another workspace. */
export const isForgotten = (workspace: WorkspaceDoc | null | undefined): boolean =>
  workspace?.status === 'deleted' && workspace.retained_until === null;

/** Whether a workspace that is gone still has members. */
export const hasFormerMembers = async (deps: Deps, workspace: WorkspaceDoc): Promise<boolean> => {
  if (!isForgotten(workspace)) return false;
  const where = { workspace_key: workspaceKey(workspace.owner, workspace.workspace_id) };
  const order = { field: 'member_id', direction: 'asc' } as const;
  return (await deps.store.query(members, { where, order, limit: 1 })).docs.length > 0;
};

/** Takes the members of a workspace that is gone out, some at a time. One that is made again meanwhile keeps its own. */
export const removeFormerMembers = (deps: Deps, key: string): Promise<void> =>
  removeMembers(deps, key, async (lookup) => isForgotten(await lookup.get(workspaces, key)));

/** More of them are there than one transaction takes. */
class FormerMembersLeft extends Problem {
  constructor(workspaceId: string) {
    const message = `The members of the deleted workspace ${workspaceId} are still being removed. Make the same call again shortly.`;
    super('unavailable', message, { retry_after: 1 });
  }
}

/**
 * Takes out what is left of them, in the transaction that makes another workspace under the name: whatever happened
 * before it, nobody shares that one unasked. A refusal of what the transaction does drops it too.
 * @throws Problem unavailable, which `goOnWithFormer` passes on
 */
export const removeFormerMembersIn = async (draft: Draft, workspace: WorkspaceDoc, key: string): Promise<void> => {
  if (!isForgotten(workspace)) return;
  const order = { field: 'member_id', direction: 'asc' } as const;
  const { docs, next } = await draft.query(members, { where: { workspace_key: key }, order, limit: MOST_CHANGED });
  if (docs.length === MOST_CHANGED && next !== null) throw new FormerMembersLeft(workspace.workspace_id);
  for (const { data } of docs) draft.delete(members, memberKey(key, data.member_id));
};

/** Runs what makes a workspace. Where former members are in its way, their removal goes on in the background. */
export const goOnWithFormer = async <R>(deps: Deps, key: string, make: () => Promise<R>): Promise<R> => {
  try {
    return await make();
  } catch (error) {
    if (error instanceof FormerMembersLeft)
      deps.background.run('remove members of a deleted workspace', () => removeFormerMembers(deps, key));
    throw error;
  }
};
