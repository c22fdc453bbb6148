import type { Command } from 'commander';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printDone } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'rm', 'delete a user who has no sessions and workspaces left; its keys stop working')
    .argument('<user>', 'the user')
    .action(rm);
};

const rm = async (user: string, options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  const answer = await during('Deleting the user', client.users.delete(user));
  printDone(options, answer, user, `${user} is deleted.`);
};
