import type { Command } from 'commander';
import type { Connection } from './connect.ts';
import { usageError } from './errors.ts';
import { workspaceOf } from './session-options.ts';

export interface WorkspaceAt {
  readonly owner: string;
  readonly id: string;
}

export const ID_OR_OWNER = 'its id, or OWNER/ID for one that is shared';

/** Commands about what lies in a workspace. */
export const withWorkspace = (command: Command): Command =>
  command.option('-w, --workspace <id>', `the workspace: ${ID_OR_OWNER}`);

/** The workspace that is meant: the one named, the one that is kept in the profile, or the user's default one. */
export const workspaceAt = async (connection: Connection, named: string | undefined): Promise<WorkspaceAt> => {
  const text = named ?? connection.target.workspace ?? 'default';
  const { workspace_owner, workspace_id } = workspaceOf(text);
  if (workspace_id === '' || workspace_owner === '')
    throw usageError(`"${text}" is no workspace.`, 'It is ID or OWNER/ID.');
  return { owner: await connection.owner(workspace_owner), id: workspace_id };
};
