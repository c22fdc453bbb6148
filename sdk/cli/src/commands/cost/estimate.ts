import type { Command } from 'commander';
import type { Estimate } from 'onmemos';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { type SessionOptions, sessionBody, withSessionOptions } from '../../session-options.ts';
import { formatDuration } from '../../ui/duration.ts';
import { formatMoney } from '../../ui/money.ts';
import { note, print, printOne } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { plain, table } from '../../ui/table.ts';

interface Options extends CommonOptions, SessionOptions {}

const PROVIDERS = [
  { title: 'PROVIDER' },
  { title: 'PER HOUR', align: 'right' },
  { title: 'TO ITS END', align: 'right' },
  { title: 'NOTE', shrinks: true },
] as const;

export const define = (parent: Command): void => {
  withSessionOptions(leaf(parent, 'estimate', 'what a session would cost, before it is made')).action(estimate);
};

const perProvider = (all: NonNullable<Estimate['providers']>, currency: string): string =>
  table(
    PROVIDERS,
    all.map((one) => {
      const number = (name: string): number | null => (typeof one[name] === 'number' ? (one[name] as number) : null);
      const refused = one['refused'] ?? one['detail'] ?? one['why'] ?? one['message'];
      const cost = (name: string): string => (typeof refused === 'string' ? '-' : formatMoney(number(name), currency));
      return [
        String(one['provider']),
        cost('total_cost_per_hour'),
        cost('estimated_total_cost'),
        plain(typeof refused === 'string' ? refused : ''),
      ];
    }),
  );

const estimate = async (options: Options): Promise<void> => {
  const connection = await connect(options);
  const body = sessionBody(options, connection);
  const found = await during('Estimating', connection.client.sessions.estimate(body));
  const { currency } = found;
  printOne(options, found, {
    id: found.provider,
    entries: [
      ['Provider', found.provider],
      ['Region', found.region],
      ['CPU', `${formatMoney(found.cpu_cost_per_hour, currency)} an hour`],
      ['Memory', `${formatMoney(found.memory_cost_per_hour, currency)} an hour`],
      ['GPU', `${formatMoney(found.gpu_cost_per_hour, currency)} an hour`],
      ['Storage', `${formatMoney(found.storage_cost_per_hour, currency)} an hour`],
      ['Together', `${formatMoney(found.total_cost_per_hour, currency)} an hour`],
      [`In ${formatDuration(found.ttl_minutes * 60)}`, formatMoney(found.estimated_total_cost, currency)],
      ['Prices of', found.price_table],
    ],
  });
  if (options.json || options.quiet) return;
  if (found.providers) print(`\n${perProvider(found.providers, currency)}`);
  for (const warning of found.warnings) note(`Warning: ${plain(warning)}`);
  if (found.missing_prices.length > 0) note(`Prices that are not known: ${found.missing_prices.join(', ')}`);
};
