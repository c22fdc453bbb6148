import type { Command } from 'commander';
import { canAsk, confirm } from '../../confirm.ts';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf, withYes } from '../../options.ts';
import { printDone } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { formatGigabytes } from '../../ui/size.ts';
import { plain } from '../../ui/table.ts';
import { local } from '../../ui/time.ts';
import { ID_OR_OWNER, workspaceAt } from '../../workspace-at.ts';

interface Options extends CommonOptions {
  readonly force?: boolean;
  readonly yes?: boolean;
}

export const define = (parent: Command): void => {
  withYes(
    leaf(parent, 'rm', 'delete a workspace; its data is kept for a week')
      .argument('<workspace>', ID_OR_OWNER)
      .option('-f, --force', 'end its sessions, and delete its data now; asks before, on a terminal'),
  ).action(rm);
};

const rm = async (typed: string, options: Options): Promise<void> => {
  const connection = await connect(options);
  const { owner, id } = await workspaceAt(connection, typed);
  if (options.force && canAsk(options)) {
    const { live_sessions, storage } = await connection.client.workspaces.get(owner, id);
    await confirm(options, {
      lines: [
        `workspace ${plain(`${owner}/${id}`)}: ${live_sessions} live sessions, ${formatGigabytes(storage.size_gb)} of storage`,
      ],
      question: `End its sessions, and delete it and its data for good?`,
    });
  }
  const deleting = connection.client.workspaces.delete(owner, id, { force: options.force === true });
  const answer = await during('Deleting the workspace', deleting);
  const kept = answer.retained_until;
  const data = kept
    ? ` Its volumes and buckets are kept, and billed, until ${local(kept)}; --force removes them now.`
    : '';
  printDone(options, answer, id, `Workspace ${id} is deleted.${data}`);
};
