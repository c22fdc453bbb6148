import type { Command } from 'commander';
import { connect } from '../../connect.ts';
import { CliError } from '../../errors.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printDone, printRaw } from '../../ui/output.ts';
import { deliveryText, findWebhook, WEBHOOK_HELP } from './delivery.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'test', 'send a test message once, and say what came of it')
    .argument('<webhook>', WEBHOOK_HELP)
    .action(test);
};

const test = async (typed: string, options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  const id = await findWebhook(client, typed);
  const delivery = await client.webhooks.test(id);
  if (delivery.success)
    return printDone(options, delivery, id, `The receiver took it, with status ${delivery.status}.`);
  printRaw(options, delivery);
  throw new CliError(`The test message did not arrive: ${deliveryText(delivery)}.`, {
    hint: 'Look at the receiver, then send it again.',
  });
};
