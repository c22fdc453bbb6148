import { Deleted, WorkspaceDeleteQuery } from '#contract/entities/workspace.ts';
import { deleteWorkspace } from '#services/workspaces/delete.ts';
import { jsonRoute } from '../../route.ts';

export const workspacesDelete = jsonRoute({
  operation: 'workspaces.delete',
  summary: 'Delete a workspace',
  description: 'Its volumes and buckets are kept for a while, unless `force` removes them at once.',
  query: WorkspaceDeleteQuery,
  response: Deleted,
  handle: ({ deps, call, params, query }) => deleteWorkspace(deps, call, { ...params, force: query.force === 'true' }),
});
