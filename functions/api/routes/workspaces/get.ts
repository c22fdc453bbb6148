import { Workspace } from '#contract/entities/workspace.ts';
import { getWorkspace } from '#services/workspaces/get.ts';
import { jsonRoute } from '../../route.ts';

export const workspacesGet = jsonRoute({
  operation: 'workspaces.get',
  summary: 'Read a workspace',
  response: Workspace,
  handle: ({ deps, call, params }) => getWorkspace(deps, call, params),
});
