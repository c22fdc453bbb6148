import { Workspace, WorkspaceCreate } from '#contract/entities/workspace.ts';
import { createWorkspace } from '#services/workspaces/create.ts';
import { jsonRoute } from '../../route.ts';

export const workspacesCreate = jsonRoute({
  operation: 'workspaces.create',
  summary: 'Create a workspace',
  body: WorkspaceCreate,
  response: Workspace,
  handle: ({ deps, call, body }) => createWorkspace(deps, call, body),
});
