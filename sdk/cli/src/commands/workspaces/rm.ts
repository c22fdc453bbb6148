import type { Command } from 'commander';
import type { Workspace } from 'onmemos';
import { canAsk, confirm, type Destroyed } from '../../confirm.ts';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf, withYes } from '../../options.ts';
import { printDone } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { formatGigabytes } from '../../ui/size.ts';
import { plain } from '../../ui/table.ts';
import { local } from '../../ui/time.ts';
import { wrap } from '../../ui/wrap.ts';
import { ID_OR_OWNER, workspaceAt } from '../../workspace-at.ts';

interface Options extends CommonOptions {
  readonly force?: boolean;
  readonly yes?: boolean;
}

const DETAILS = `
Asks on a terminal. Without a terminal, as in a script, --force needs --yes.`;

export const define = (parent: Command): void => {
  withYes(
    leaf(parent, 'rm', 'delete a workspace; its data is kept for a week')
      .argument('<workspace>', ID_OR_OWNER)
      .option('-f, --force', 'end its sessions, and delete its data now'),
  )
    .addHelpText('after', wrap(DETAILS))
    .action(rm);
};

/** A workspace that was deleted before: its data is kept for a week, and this removes it. */
const leftOver = (owner: string, id: string): Destroyed => ({
  lines: [plain(`what is kept of workspace ${owner}/${id}`)],
  question: 'Remove it for good?',
  needsYes: true,
});

const counted = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;

/** What is asked: everything that ends, and whether the data can be had back. */
const destroyed = ({ user_id, workspace_id, live_sessions, storage }: Workspace, force: boolean): Destroyed => {
  const holds = [
    counted(live_sessions, 'live session'),
    counted(storage.volumes, 'volume'),
    counted(storage.buckets, 'bucket'),
    formatGigabytes(storage.size_gb),
  ];
  return {
    lines: [plain(`workspace ${user_id}/${workspace_id}: ${holds.join(', ')}`)],
    question: force
      ? 'End its sessions, and delete it and its data for good?'
      : 'Delete it? Its volumes and buckets are kept for a week.',
    needsYes: force,
  };
};

const rm = async (typed: string, options: Options): Promise<void> => {
  const connection = await connect(options);
  const { owner, id } = await workspaceAt(connection, typed);
  const force = options.force === true;
  // Of a deleted workspace only its data is left, and --force removes that.
  if (canAsk(options) || (force && !options.yes)) {
    const found = await connection.client.workspaces.get(owner, id).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'not_found') return null;
      throw error;
    });
    const what = found ? destroyed(found, force) : leftOver(owner, id);
    // Deleted a second time, without --force, it stays as it is.
    if (found || force) await confirm(options, what);
  }
  const deleting = connection.client.workspaces.delete(owner, id, { force });
  const answer = await during('Deleting the workspace', deleting);
  const kept = answer.retained_until;
  const data = kept
    ? ` Its volumes and buckets are kept, and billed, until ${local(kept)}; --force removes them now.`
    : '';
  printDone(options, answer, id, `Workspace ${id} is deleted.${data}`);
};
