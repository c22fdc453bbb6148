import type { Command } from 'commander';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printDone } from '../../ui/output.ts';
import { findWebhook, WEBHOOK_HELP } from './delivery.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'rm', 'delete a webhook').argument('<webhook>', WEBHOOK_HELP).action(rm);
};

const rm = async (typed: string, options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  const id = await findWebhook(client, typed);
  printDone(options, await client.webhooks.delete(id), id, `Webhook ${id} is deleted.`);
};
