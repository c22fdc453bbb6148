import type { Doc } from '#ports/store.ts';
import { asManyAsFit } from '../kernel/batches.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { ALONE } from '../kernel/lanes.ts';
import { sessions, workspaceKey, workspaces } from '../model/collections.ts';
import type { IntentDoc, SessionDoc, WorkspaceDoc } from '../model/docs.ts';
import { beginEnd } from './begin-end.ts';
import { enqueueIntent } from './intents.ts';

/** Sessions in one transaction, of each status. */
const BATCH = 25;

/** Sessions of a workspace that live and are not on their way out, so many of each status at the most. */
export const notEnding = async (
  draft: Draft,
  workspace_key: string,
  limit: number,
): Promise<readonly Doc<SessionDoc>[]> => {
  const of = (status: string) =>
    draft.query(sessions, { where: { workspace_key, status }, order: { field: 'id', direction: 'desc' }, limit });
  const pages = await Promise.all([of('running'), of('creating')]);
  return pages.flatMap(({ docs }) => docs).filter(({ data }) => data.end === null);
};

/** Begins the end of some sessions of a workspace that is being deleted. */
const endSome = async (
  deps: Deps,
  draft: Draft,
  call: Call,
  key: string,
  limit: number,
): Promise<readonly IntentDoc[]> => {
  const workspace = await draft.get(workspaces, key);
  if (workspace?.status !== 'deleting') return [];
  const ending = { reason: 'workspace_deleted', force: workspace.purge_now } as const;
  return (await notEnding(draft, key, limit)).flatMap(({ data }) => {
    const { intent } = beginEnd(deps, draft, call, data, ending);
    return intent ? [intent] : [];
  });
};

/** Ends what lives in a workspace that is being deleted. Where this stops midway, a sweep goes on with it. */
export const endSessionsOf = async (deps: Deps, call: Call, { owner, workspace_id }: WorkspaceDoc): Promise<void> => {
  const key = workspaceKey(owner, workspace_id);
  for (;;) {
    const begun = await asManyAsFit(BATCH, (limit) =>
      deps.lanes.add(owner, (draft) => endSome(deps, draft, call, key, limit), ALONE),
    );
    await Promise.all(begun.map((intent) => enqueueIntent(deps, intent)));
    if (begun.length === 0) return;
  }
};
