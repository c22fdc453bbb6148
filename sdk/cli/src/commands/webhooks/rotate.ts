import type { Command } from 'commander';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { note, print, printRaw } from '../../ui/output.ts';
import { findWebhook, WEBHOOK_HELP } from './delivery.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'rotate', 'make a new secret, which is printed once, on stdout')
    .argument('<webhook>', WEBHOOK_HELP)
    .action(rotate);
};

const rotate = async (typed: string, options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  const hook = await client.webhooks.rotateSecret(await findWebhook(client, typed));
  if (printRaw(options, { ...hook, secret: hook.secret })) return;
  if (options.quiet) return print(hook.webhook_id);
  print(hook.secret ?? '');
  note(`For 24 hours messages are signed with the earlier secret as well. Give the receiver the new one until then.`);
};
