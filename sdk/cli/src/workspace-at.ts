import type { Command } from 'commander';
import type { Connection } from './connect.ts';
import { usageError } from './errors.ts';
import { workspaceOf } from './session-options.ts';

export interface WorkspaceAt {
  readonly owner: string;
  readonly id: string;
  /** The workspace as -w takes it from this caller: its id, after its owner's when that is another user. */
  readonly text: string;
}

/** A workspace as -w takes it: an id alone is one of the caller's own. */
export const workspaceText = (owner: string, id: string, caller: string | undefined): string =>
  owner === caller ? id : `${owner}/${id}`;

export const ID_OR_OWNER = 'its id, or OWNER/ID for one that is shared';

/** Commands about the volumes or buckets of a workspace. */
export const withWorkspace = (command: Command): Command =>
  command.option('-w, --workspace <id>', `the workspace: ${ID_OR_OWNER}`);

/** The named workspace, else the profile's, else the user's default workspace. @throws CliError usage */
export const workspaceAt = async (connection: Connection, named: string | undefined): Promise<WorkspaceAt> => {
  const text = named ?? connection.target.workspace ?? 'default';
  const { workspace_owner, workspace_id } = workspaceOf(text);
  if (workspace_id === '' || workspace_owner === '')
    throw usageError(`"${text}" is not a workspace.`, 'Give ID or OWNER/ID.');
  const owner = await connection.owner(workspace_owner);
  const caller = workspace_owner === undefined ? owner : connection.user;
  return { owner, id: workspace_id, text: workspaceText(owner, workspace_id, caller) };
};
