import type { Command } from 'commander';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { formatMoney } from '../../ui/money.ts';
import { printList } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { plain } from '../../ui/table.ts';
import { relative } from '../../ui/time.ts';

const COLUMNS = [
  { title: 'USER', shrinks: true },
  { title: 'TYPE' },
  { title: 'SESSIONS', align: 'right' },
  { title: 'BUDGET', align: 'right' },
  { title: 'OVER IT', drop: 2 },
  { title: 'AGE', drop: 1 },
] as const;

export const define = (parent: Command): void => {
  leaf(parent, 'ls', 'list users').action(ls);
};

const ls = async (options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  await printList(options, await during('Listing users', client.users.list().all()), {
    columns: COLUMNS,
    row: (user) => [
      plain(user.user_id),
      user.user_type,
      String(user.max_concurrent_sessions),
      user.monthly_budget_usd === null ? '-' : formatMoney(user.monthly_budget_usd),
      user.monthly_budget_usd === null ? '-' : user.budget_action,
      relative(user.created_at).replace(' ago', ''),
    ],
    id: ({ user_id }) => user_id,
    empty: 'There is no user yet: a user is created at first use.',
  });
};
