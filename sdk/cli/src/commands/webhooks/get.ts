import type { Command } from 'commander';
import { status } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printOne } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';
import { local } from '../../ui/time.ts';
import { deliveryText, findWebhook, WEBHOOK_HELP } from './delivery.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'get', 'show one webhook and its last delivery').argument('<webhook>', WEBHOOK_HELP).action(get);
};

const get = async (typed: string, options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  const hook = await client.webhooks.get(await findWebhook(client, typed));
  const last = hook.last_delivery;
  printOne(options, hook, {
    id: hook.webhook_id,
    entries: [
      ['ID', hook.webhook_id],
      ['User', plain(hook.user_id)],
      ['URL', plain(hook.url)],
      ['Events', hook.events === null ? 'all' : hook.events.join(' ')],
      ['Description', hook.description === null ? null : plain(hook.description)],
      ['Status', status(hook.status)],
      ['Failing since', hook.failing_since === null ? null : local(hook.failing_since)],
      ['Last delivery', last === null ? 'none' : `${last.type}, ${local(last.at)}: ${deliveryText(last)}`],
      ['Made', local(hook.created_at)],
    ],
  });
};
