import type { Command } from 'commander';
import type { UserPut } from 'onmemos';
import { connect } from '../../connect.ts';
import { usageError } from '../../errors.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printOne } from '../../ui/output.ts';
import { userEntries } from './get.ts';

const NONE = 'none';
type NumberOrNone = number | typeof NONE;

interface Options extends CommonOptions {
  readonly type?: string;
  readonly sessions?: NumberOrNone;
  readonly budget?: NumberOrNone;
  readonly overBudget?: string;
}

/** The command line library makes an empty text of a value that is null, so that `none` stays a word until it is sent. */
const numberOrNone = (text: string): NumberOrNone => {
  if (text === NONE) return NONE;
  const value = Number(text.replace(/^\$/, ''));
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw usageError(`"${text}" is not a number. Give a number, or none for no limit.`);
  return value;
};

const sent = (value: NumberOrNone): number | null => (value === NONE ? null : value);

export const define = (parent: Command): void => {
  leaf(parent, 'set', 'create or change a user')
    .argument('<user>', 'the user')
    .option('--type <type>', 'free, pro, enterprise or admin (for a new user: the default of the server)')
    .option('--sessions <number>', 'live sessions at once; none: the limit of the type', numberOrNone)
    .option('--budget <usd>', 'most that a month may cost; none: no limit', numberOrNone)
    .option('--over-budget <action>', 'refuse new sessions that could exceed it, or terminate live ones')
    .action(set);
};

const set = async (user_id: string, options: Options): Promise<void> => {
  const body = {
    ...(options.type === undefined ? {} : { user_type: options.type }),
    ...(options.sessions === undefined ? {} : { max_concurrent_sessions: sent(options.sessions) }),
    ...(options.budget === undefined ? {} : { monthly_budget_usd: sent(options.budget) }),
    ...(options.overBudget === undefined ? {} : { budget_action: options.overBudget }),
  } as UserPut;
  const { client } = await connect(options);
  const user = await client.users.put(user_id, body);
  printOne(options, user, { id: user.user_id, entries: userEntries(user) });
};
