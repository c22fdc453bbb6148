import { Deleted, Workspace, WorkspaceCreate, WorkspaceDeleteQuery } from '#contract/entities/workspace.ts';
import { createWorkspace } from '#services/workspaces/create.ts';
import { jsonRoute, listRoute, type Route } from '../route.ts';
import { PageQuery } from '#contract/entities/common.ts';
import { listWorkspaces } from '#services/workspaces/list.ts';
import { getWorkspace } from '#services/workspaces/get.ts';
import { deleteWorkspace } from '#services/workspaces/delete.ts';

const workspacesCreate = jsonRoute({
  operation: 'workspaces.create',
  summary: 'Create a workspace',
  body: WorkspaceCreate,
  response: Workspace,
  handle: ({ deps, call, body }) => createWorkspace(deps, call, body),
});

const workspacesList = listRoute({
  operation: 'workspaces.list',
  summary: 'List a user’s workspaces, including shared ones',
  query: PageQuery,
  item: Workspace,
  handle: ({ deps, call, params, query }) => listWorkspaces(deps, call, { ...params, ...query }),
});

const workspacesGet = jsonRoute({
  operation: 'workspaces.get',
  summary: 'Read a workspace',
  response: Workspace,
  handle: ({ deps, call, params }) => getWorkspace(deps, call, params),
});

const workspacesDelete = jsonRoute({
  operation: 'workspaces.delete',
  summary: 'Delete a workspace',
  description: 'Its volumes and buckets are kept for 7 days, unless `force` deletes them at once.',
  query: WorkspaceDeleteQuery,
  response: Deleted,
  handle: ({ deps, call, params, query }) => deleteWorkspace(deps, call, { ...params, force: query.force === 'true' }),
});

export const workspacesRoutes: readonly Route[] = [workspacesCreate, workspacesList, workspacesGet, workspacesDelete];
