import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { workspaceKey, workspaces } from '../model/collections.ts';
import type { WorkspaceDoc } from '../model/docs.ts';

type Fields = Pick<WorkspaceDoc, 'owner' | 'workspace_id' | 'name' | 'description' | 'resource_package' | 'is_default'>;

const newWorkspace = (deps: Deps, fields: Fields, generation: number): WorkspaceDoc => {
  const now = iso(deps.clock.now());
  return {
    ...fields,
    status: 'active',
    live_sessions: 0,
    volumes: 0,
    buckets: 0,
    storage_gb: 0,
    created_at: now,
    updated_at: now,
    retained_until: null,
    purge_now: false,
    generation,
  };
};

/**
 * Writes a new workspace, or brings the owner's deleted one of that name back with its volumes and buckets.
 * `before` is what is on record under the name: nothing, or a deleted workspace.
 * @throws Problem conflict while the data of a forced deletion is being removed: none of it is to come back
 */
export const makeWorkspace = (deps: Deps, draft: Draft, before: WorkspaceDoc | null, fields: Fields): WorkspaceDoc => {
  if (before?.purge_now && before.retained_until !== null) {
    throw new Problem(
      'conflict',
      `Workspace ${before.workspace_id} is being deleted with its data. Try again shortly.`,
    );
  }
  const key = workspaceKey(fields.owner, fields.workspace_id);
  const generation = (before?.generation ?? 0) + 1;
  const fresh = newWorkspace(deps, fields, generation);
  const made: WorkspaceDoc =
    before === null || before.retained_until === null
      ? fresh
      : {
          ...before,
          ...fields,
          status: 'active',
          retained_until: null,
          purge_now: false,
          updated_at: fresh.updated_at,
          generation,
        };
  draft.put(workspaces, key, made);
  return made;
};
