import type { Command } from 'commander';
import type { CostFilters, Costs } from 'onmemos';
import { colours } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { usageError } from '../../errors.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { workspaceOf } from '../../session-options.ts';
import { bar, daysBetween } from '../../ui/bars.ts';
import { formatDuration } from '../../ui/duration.ts';
import { instantOf } from '../../ui/instant.ts';
import { formatMoney } from '../../ui/money.ts';
import { note, print, printRaw, printTable } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { plain } from '../../ui/table.ts';

interface Options extends CommonOptions {
  readonly by: string;
  readonly from?: string;
  readonly to?: string;
  readonly user?: string;
  readonly workspace?: string;
}

const BAR_WIDTH = 30;
const GROUPS = ['day', 'month', 'user', 'workspace', 'session', 'provider', 'kind'];

export const define = (parent: Command): void => {
  leaf(parent, 'report', 'what was spent, from the ledger')
    .option('--by <group>', `by ${GROUPS.join(', ')}`, 'day')
    .option('--from <when>', 'a day (2026-11-01), an instant, or how long ago (7d) (default: this month)')
    .option('--to <when>', 'the end (default: now)')
    .option('--user <id>', 'only of this user')
    .option('-w, --workspace <id>', 'only of this workspace, or OWNER/ID')
    .action(report);
};

/** The days with a cost or a running time, and how many others there are between the report's two instants. */
export const daysOf = ({ groups, from, to }: Costs): { readonly shown: Costs['groups']; readonly without: number } => {
  const shown = groups.filter(({ cost, seconds }) => cost !== 0 || seconds !== 0);
  const kept = new Set(shown.map(({ key }) => key));
  // A report that ends at midnight does not include the day that begins there.
  const last = new Date(Date.parse(to) - 1).toISOString().slice(0, 10);
  const without = daysBetween(from.slice(0, 10), last).filter((day) => !kept.has(day)).length;
  return { shown: shown.sort((a, b) => a.key.localeCompare(b.key)), without };
};

const withoutCost = (days: number, shown: number): string => {
  const counted = days === 1 ? '1 day' : `${days} days`;
  return shown > 0 ? `${counted} without cost: not shown.` : `${counted} without cost.`;
};

const report = async (options: Options): Promise<void> => {
  if (!GROUPS.includes(options.by))
    throw usageError(`There are no costs by ${options.by}.`, `By ${GROUPS.join(', ')}.`);
  const now = Date.now();
  const filters = {
    group_by: options.by,
    from: options.from === undefined ? undefined : instantOf(options.from, now),
    to: options.to === undefined ? undefined : instantOf(options.to, now),
    user: options.user,
    ...(options.workspace ? workspaceOf(options.workspace) : {}),
  } as CostFilters;
  const { client } = await connect(options);
  const costs = await during('Adding up', client.costs.report(filters));
  if (printRaw(options, costs, costs.groups)) return;
  if (options.quiet) return print(costs.groups.map(({ key }) => key).join('\n'));
  const { shown, without } = options.by === 'day' ? daysOf(costs) : { shown: null, without: 0 };
  const groups =
    shown ?? [...costs.groups].sort((a, b) => (options.by === 'month' ? a.key.localeCompare(b.key) : b.cost - a.cost));
  const most = Math.max(0, ...groups.map(({ cost }) => cost));
  const paint = colours();
  const rows = groups.map(({ key, cost, seconds }) => [
    plain(key),
    formatMoney(cost, costs.currency),
    formatDuration(Math.round(seconds)),
    paint.cyan(bar(most > 0 ? cost / most : 0, BAR_WIDTH)),
  ]);
  const columns = [
    { title: options.by.toUpperCase() },
    { title: 'COST', align: 'right' },
    { title: 'TIME', align: 'right' },
    { title: '' },
  ] as const;
  if (rows.length > 0) await printTable(options, columns, rows);
  if (without > 0) print(withoutCost(without, rows.length));
  if (rows.length > 0 || without > 0) print('');
  // An older server does not name missing prices.
  const missing = costs.missing_prices ?? [];
  print(
    `${missing.length > 0 ? 'at least ' : ''}${paint.bold(formatMoney(costs.total, costs.currency))} from ${costs.from.slice(0, 10)} to ${costs.to.slice(0, 10)}`,
  );
  if (missing.length > 0) note(`There was no price for ${missing.join(', ')}: the rest was billed.`);
  if (costs.truncated)
    note('This is more than one report can read, so it is incomplete: narrow it with --from and --to.');
};
