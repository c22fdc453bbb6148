import type { Command } from 'commander';
import { canAsk, confirm, type YesOption } from '../../confirm.ts';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf, withYes } from '../../options.ts';
import { printDone } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';
import { findWebhook, WEBHOOK_HELP } from './delivery.ts';

export const define = (parent: Command): void => {
  withYes(leaf(parent, 'rm', 'delete a webhook').argument('<webhook>', WEBHOOK_HELP)).action(rm);
};

const rm = async (typed: string, options: CommonOptions & YesOption): Promise<void> => {
  const { client } = await connect(options);
  const id = await findWebhook(client, typed);
  if (canAsk(options)) {
    const { url, user_id } = await client.webhooks.get(id);
    const lines = [plain(`${id} of ${user_id}, to ${url}`)];
    await confirm(options, { lines, question: 'Delete this webhook and its secret?' });
  }
  printDone(options, await client.webhooks.delete(id), id, `Webhook ${id} is deleted.`);
};
