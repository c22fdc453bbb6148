import type { Command } from 'commander';
import { status } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { findSession } from '../../find.ts';
import { type CommonOptions, leaf, SESSION_HELP } from '../../options.ts';
import { formatDuration } from '../../ui/duration.ts';
import { formatMoney } from '../../ui/money.ts';
import { printOne } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'session', 'what a session has cost so far').argument('<session>', SESSION_HELP).action(session);
};

const session = async (typed: string, options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  const cost = await client.sessions.cost(await findSession(client, typed));
  printOne(options, cost, {
    id: cost.session_id,
    entries: [
      ['Session', cost.session_id],
      ['Status', status(cost.status)],
      ['So far', formatMoney(cost.cost_so_far, cost.currency)],
      ['Billed', `${formatMoney(cost.billed, cost.currency)} for ${formatDuration(cost.billed_seconds)}`],
      ['Rate', `${formatMoney(cost.cost_per_hour, cost.currency)} an hour`],
      ['To its end', formatMoney(cost.estimated_total_cost, cost.currency)],
      ['Region', cost.region],
      ['Note', cost.note === null ? null : plain(cost.note)],
      ['Not known', cost.missing_prices.join(', ')],
    ],
  });
};
