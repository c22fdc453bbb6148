import type { Command } from 'commander';
import type { WebhookCreate } from 'onmemos';
import { connect } from '../../connect.ts';
import { type CommonOptions, collect, leaf } from '../../options.ts';
import { handOver } from '../../ui/hand-over.ts';
import { isRaw, note, print, printRaw } from '../../ui/output.ts';

interface Options extends CommonOptions {
  readonly user?: string;
  readonly event?: readonly string[];
  readonly description?: string;
}

export const define = (parent: Command): void => {
  leaf(parent, 'create', 'create a webhook; its secret is printed once, on stdout')
    .argument('<url>', 'the address that receives the notices')
    .option('--user <id>', 'whose notices (default: yourself)')
    .option(
      '--event <kind>',
      'budget.threshold, session.ending or session.reclaiming; may be repeated (default: all)',
      collect,
    )
    .option('--description <text>', 'what it is for')
    .action(create);
};

const create = async (url: string, options: Options): Promise<void> => {
  const connection = await connect(options);
  const hook = await connection.client.webhooks.create({
    url,
    user_id: await connection.owner(options.user),
    ...(options.event ? { events: [...options.event] } : {}),
    ...(options.description === undefined ? {} : { description: options.description }),
  } as WebhookCreate);
  const { webhook_id, secret } = hook;
  const plainly = !isRaw(options) && !options.quiet;
  const undo = (): Promise<unknown> => connection.client.webhooks.delete(webhook_id);
  await handOver({ name: `webhook ${webhook_id}`, removedBy: `webhooks rm ${webhook_id}`, undo }, () => {
    if (!printRaw(options, { ...hook, secret })) print(plainly ? (secret as string) : webhook_id);
  });
  if (plainly) note(`Webhook ${webhook_id} is active. Its secret is not shown again.`);
};
