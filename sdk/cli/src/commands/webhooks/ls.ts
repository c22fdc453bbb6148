import type { Command } from 'commander';
import type { Webhook } from 'onmemos';
import { status } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printList } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { plain } from '../../ui/table.ts';
import { relative } from '../../ui/time.ts';
import { deliveryText } from './delivery.ts';

interface Options extends CommonOptions {
  readonly user?: string;
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'USER', shrinks: true },
  { title: 'URL', shrinks: true },
  { title: 'EVENTS', shrinks: true },
  { title: 'STATUS' },
  { title: 'LAST DELIVERY', shrinks: true },
] as const;

export const define = (parent: Command): void => {
  leaf(parent, 'ls', 'list webhooks').option('--user <id>', 'only webhooks of this user').action(ls);
};

const row = (hook: Webhook): readonly string[] => [
  hook.webhook_id,
  plain(hook.user_id),
  plain(hook.url),
  hook.events === null ? 'all' : hook.events.join(' '),
  status(hook.status),
  hook.last_delivery === null ? 'none' : `${deliveryText(hook.last_delivery)}, ${relative(hook.last_delivery.at)}`,
];

const ls = async (options: Options): Promise<void> => {
  const { client } = await connect(options);
  const filters = options.user === undefined ? {} : { user: options.user };
  const hooks = await during('Listing webhooks', client.webhooks.list(filters).all());
  const empty = 'There is no webhook. `onmemos webhooks create URL` creates one.';
  await printList(options, hooks, { columns: COLUMNS, row, id: ({ webhook_id }) => webhook_id, empty });
};
