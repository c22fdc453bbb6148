import type { Command } from 'commander';
import { canAsk, confirm, type YesOption } from '../../confirm.ts';
import { connect } from '../../connect.ts';
import { CliError } from '../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { type CommonOptions, leaf, withYes } from '../../options.ts';
import { printDone, printRaw } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { plain } from '../../ui/table.ts';

const DETAILS = `
A user with live sessions or with workspaces is not deleted: end and delete those first. The keys of the user are revoked, and its
memberships in workspaces of others end. What it has spent stays in the ledger. On a terminal, asks before it deletes.`;

export const define = (parent: Command): void => {
  withYes(leaf(parent, 'rm', 'delete a user, and revoke its keys').argument('<user>', 'the user'))
    .addHelpText('after', DETAILS)
    .action(rm);
};

const unknown = (user: string): CliError =>
  new CliError(`There is no user ${plain(user)}.`, { exit: EXIT.notFound, hint: '`onmemos users ls` lists them.' });

const rm = async (user: string, options: CommonOptions & YesOption): Promise<void> => {
  const { client } = await connect(options);
  if (canAsk(options)) {
    const { user_id, user_type } = await client.users.get(user);
    const line = `user ${plain(user_id)} (${user_type}), its keys and memberships`;
    await confirm(options, { lines: [line], question: `Delete ${plain(user_id)}?` });
  }
  const answer = await during('Deleting the user', client.users.delete(user));
  if (!answer.deleted) {
    printRaw(options, answer);
    throw unknown(user);
  }
  printDone(options, answer, user, `User ${plain(user)} is deleted, and its keys are revoked.`);
};
