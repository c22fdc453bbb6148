import type { Command } from 'commander';
import { status } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { findSession } from '../../find.ts';
import { type CommonOptions, leaf, SESSION_HELP } from '../../options.ts';
import { formatDuration } from '../../ui/duration.ts';
import { figureOf, formatFigure, formatMoney } from '../../ui/money.ts';
import { printOne } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'session', 'what a session has cost so far').argument('<session>', SESSION_HELP).action(session);
};

const ENDED = new Set(['terminated', 'failed']);

const session = async (typed: string, options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  const cost = await client.sessions.cost(await findSession(client, typed));
  const figure = (name: string, unit = ''): string => formatFigure(figureOf(cost, name), cost.currency, unit);
  const ended = ENDED.has(cost.status);
  printOne(options, cost, {
    id: cost.session_id,
    entries: [
      ['Session', cost.session_id],
      ['Status', status(cost.status)],
      ['So far', figure('cost_so_far')],
      ['Billed', `${formatMoney(cost.billed, cost.currency)} for ${formatDuration(cost.billed_seconds)}`],
      ['Rate', `${figure('cost_per_hour', ' an hour')}${ended ? ' while it ran; nothing now' : ''}`],
      ['To its end', ended ? null : figure('estimated_total_cost')],
      ['Region', cost.region],
      ['Note', cost.note === null ? null : plain(cost.note)],
      ['No price for', cost.missing_prices.join(', ')],
      ['Prices of', plain(cost.price_list ?? '')],
    ],
  });
};
