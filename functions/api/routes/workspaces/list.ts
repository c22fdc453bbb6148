import { PageQuery } from '#contract/entities/common.ts';
import { Workspace } from '#contract/entities/workspace.ts';
import { listWorkspaces } from '#services/workspaces/list.ts';
import { listRoute } from '../../route.ts';

export const workspacesList = listRoute({
  operation: 'workspaces.list',
  summary: 'List a user’s workspaces, shared ones too',
  query: PageQuery,
  item: Workspace,
  handle: ({ deps, call, params, query }) => listWorkspaces(deps, call, { ...params, ...query }),
});
