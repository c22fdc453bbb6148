import type { Command } from 'commander';
import type { User } from 'onmemos';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { formatMoney } from '../../ui/money.ts';
import { printOne } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';
import { local } from '../../ui/time.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'get', 'show one user').argument('[user]', 'the user (default: yourself)').action(get);
};

export const userEntries = (user: User): readonly (readonly [string, string | number | null])[] => [
  ['User', plain(user.user_id)],
  ['Type', user.user_type],
  ['Sessions at once', user.max_concurrent_sessions],
  ['Budget a month', user.monthly_budget_usd === null ? 'none' : formatMoney(user.monthly_budget_usd)],
  ['Over budget', user.monthly_budget_usd === null ? null : user.budget_action],
  ['Made', local(user.created_at)],
];

const get = async (named: string | undefined, options: CommonOptions): Promise<void> => {
  const connection = await connect(options);
  const user = await connection.client.users.get(await connection.owner(named));
  printOne(options, user, { id: user.user_id, entries: userEntries(user) });
};
