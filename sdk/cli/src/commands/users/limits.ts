import type { Command } from 'commander';
import type { Entitlements } from 'onmemos';
import { yesNo } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { formatMoney } from '../../ui/money.ts';
import { isRaw, print, printOne, printTable } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';

const STORAGE = [
  { title: 'WORKSPACE', shrinks: true },
  { title: 'VOLUMES', align: 'right' },
  { title: 'BUCKETS', align: 'right' },
  { title: 'GB', align: 'right' },
] as const;

export const define = (parent: Command): void => {
  leaf(parent, 'limits', 'limits of a user, and how much of each is used')
    .argument('[user]', 'the user (default: yourself)')
    .action(limits);
};

const of = ({ used, limit }: { readonly used: number; readonly limit: number }): string => `${used} of ${limit}`;

const budgetOf = ({ budget }: Entitlements): string => {
  if (budget === null) return 'none';
  const { spent_usd, unpriced_at_most_usd: unpriced = 0, reserved_usd } = budget;
  const parts = [
    `${formatMoney(spent_usd)} spent`,
    // A server of an earlier release does not say it.
    ...(unpriced > 0 ? [`at most ${formatMoney(unpriced)} more at prices that are not known`] : []),
    `${formatMoney(reserved_usd)} reserved`,
  ];
  return `${formatMoney(budget.monthly_budget_usd)} a month: ${parts.join(', ')}`;
};

const limits = async (named: string | undefined, options: CommonOptions): Promise<void> => {
  const connection = await connect(options);
  const has = await connection.client.users.entitlements(await connection.owner(named));
  printOne(options, has, {
    id: has.user_id,
    entries: [
      ['User', plain(has.user_id)],
      ['Type', has.user_type],
      ['Workspaces', `${of(has.workspaces)}, without the default workspace`],
      ['Sessions', of(has.concurrent_sessions)],
      ['Packages', has.allowed_packages.join(', ')],
      ['GPUs', has.allowed_gpus.join(', ') || 'none'],
      ['Sharing', yesNo(has.sharing)],
      ['Several namespaces', yesNo(has.cross_namespace)],
      ['Budget', budgetOf(has)],
    ],
  });
  if (isRaw(options) || options.quiet || has.storage.length === 0) return;
  print('');
  await printTable(
    options,
    STORAGE,
    has.storage.map((one) => [plain(one.workspace_id), of(one.volumes), of(one.buckets), of(one.storage_gb)]),
  );
};
