import { Problem } from '#contract/errors.ts';
import type { Lookup } from '../kernel/access.ts';
import { batchesOf, MOST_CHANGED } from '../kernel/batches.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { memberKey, members, workspaces } from '../model/collections.ts';
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
const isForgotten = (workspace: WorkspaceDoc | null | undefined): boolean =>
  workspace?.status === 'deleted' && workspace.retained_until === null;

/** Takes the members of a workspace that is gone out, before another one is made under its name. */
export const removeFormerMembers = async (deps: Deps, key: string): Promise<void> => {
  if (!isForgotten((await deps.store.get(workspaces, key))?.data)) return;
  await removeMembers(deps, key, async (lookup) => isForgotten(await lookup.get(workspaces, key)));
};

/**
 * The same within the transaction that makes the other one. @throws Problem conflict where there are more than one
 * transaction takes
 */
export const removeFormerMembersIn = async (draft: Draft, workspace: WorkspaceDoc, key: string): Promise<void> => {
  if (!isForgotten(workspace)) return;
  const order = { field: 'member_id', direction: 'asc' } as const;
  const { docs, next } = await draft.query(members, { where: { workspace_key: key }, order, limit: MOST_CHANGED });
  if (docs.length === MOST_CHANGED && next !== null) {
    const message = `Workspace ${workspace.workspace_id} was deleted and had many members. Make it again by POST /v1/workspaces first.`;
    throw new Problem('conflict', message);
  }
  for (const { data } of docs) draft.delete(members, memberKey(key, data.member_id));
};
