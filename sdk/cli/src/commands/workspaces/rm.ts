import type { Command } from 'commander';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printDone } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { local } from '../../ui/time.ts';
import { ID_OR_OWNER, workspaceAt } from '../../workspace-at.ts';

interface Options extends CommonOptions {
  readonly force?: boolean;
}

export const define = (parent: Command): void => {
  leaf(parent, 'rm', 'delete a workspace; its data is kept for a week')
    .argument('<workspace>', ID_OR_OWNER)
    .option('-f, --force', 'end its sessions, and delete its data now')
    .action(rm);
};

const rm = async (typed: string, options: Options): Promise<void> => {
  const connection = await connect(options);
  const { owner, id } = await workspaceAt(connection, typed);
  const deleting = connection.client.workspaces.delete(owner, id, { force: options.force === true });
  const answer = await during('Deleting the workspace', deleting);
  const kept = answer.retained_until;
  const data = kept
    ? ` Its volumes and buckets are kept, and billed, until ${local(kept)}; --force removes them now.`
    : '';
  printDone(options, answer, id, `Workspace ${id} is deleted.${data}`);
};
