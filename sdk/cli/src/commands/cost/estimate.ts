import type { Command } from 'commander';
import type { Estimate } from 'onmemos';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { serverWords } from '../../server-words.ts';
import { namedBody } from '../../provider.ts';
import { type SessionOptions, withSessionOptions } from '../../session-options.ts';
import { formatDuration } from '../../ui/duration.ts';
import { figureOf, formatFigure, formatMoney } from '../../ui/money.ts';
import { isRaw, note, print, printOne, printTable } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { plain } from '../../ui/table.ts';

interface Options extends CommonOptions, SessionOptions {}

const BUILT_IN = 'onmemos';
const PROVIDERS = [
  { title: 'PROVIDER' },
  { title: 'PER HOUR', align: 'right' },
  { title: 'TO ITS END', align: 'right' },
  { title: 'NOTE', shrinks: true },
] as const;

export const define = (parent: Command): void => {
  withSessionOptions(leaf(parent, 'estimate', 'what a session would cost, before it is created')).action(estimate);
};

/** A table has room for one amount. */
const atLeast = (one: object, name: string, currency: string): string =>
  formatFigure({ ...figureOf(one, name), at_most: null }, currency);

const printProviders = (options: Options, all: NonNullable<Estimate['providers']>, currency: string): Promise<void> =>
  printTable(
    options,
    PROVIDERS,
    all.map((one) => {
      const refused = one['refused'] as { readonly message: string } | undefined;
      const cost = (name: string): string => (refused === undefined ? atLeast(one, name, currency) : '-');
      return [
        String(one['provider']),
        cost('total_cost_per_hour'),
        cost('estimated_total_cost'),
        plain(serverWords(refused?.message ?? '')),
      ];
    }),
  );

/** Rows of the server's own price list, if it has one, replace those of the built-in list, which has a version. */
const pricesOf = ({ price_list, price_table }: Estimate): string =>
  price_list === BUILT_IN || price_list === undefined
    ? `${BUILT_IN} ${price_table}`
    : `${plain(price_list)}, else ${BUILT_IN} ${price_table}`;

/** Storage costs on after the session: the sum of the session has only its part. */
const storageOf = ({ storage_cost_per_hour, currency }: Estimate): string =>
  storage_cost_per_hour === 0
    ? 'none'
    : `${formatMoney(storage_cost_per_hour, currency)} an hour, also after the session, until it is deleted`;

const estimate = async (options: Options): Promise<void> => {
  const connection = await connect(options);
  const body = await namedBody(options, connection);
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
      ['Storage', storageOf(found)],
      ['Together', formatFigure(figureOf(found, 'total_cost_per_hour'), currency, ' an hour')],
      [`In ${formatDuration(found.ttl_minutes * 60)}`, formatFigure(figureOf(found, 'estimated_total_cost'), currency)],
      ['No price for', found.missing_prices.join(', ')],
      ['Prices of', pricesOf(found)],
      // Servers of an earlier release have no note.
      ['Note', found.note ? plain(found.note) : null],
    ],
  });
  if (isRaw(options) || options.quiet) return;
  if (found.providers) {
    print('');
    await printProviders(options, found.providers, currency);
  }
  for (const warning of found.warnings) note(`Warning: ${plain(serverWords(warning))}`);
};
