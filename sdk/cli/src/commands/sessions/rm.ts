import type { Command } from 'commander';
import type { SessionRecord } from 'onmemos';
import { canAsk, confirm } from '../../confirm.ts';
import { type Connection, connect } from '../../connect.ts';
import { usageError } from '../../errors.ts';
import { findSession, sessionLine } from '../../find.ts';
import { type CommonOptions, leaf, withYes } from '../../options.ts';
import { isRaw, note, printDone, printRaw } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';

interface Options extends CommonOptions {
  readonly force?: boolean;
  readonly all?: boolean;
  readonly yes?: boolean;
}

const DETAILS = `
On a terminal, asks before it ends sessions of other users, and with --all. Without a terminal, --all needs --yes.`;

export const define = (parent: Command): void => {
  endsSessions(leaf(parent, 'rm', 'end sessions'));
};

/** Also for `onmemos rm`. */
export const endsSessions = (command: Command): void => {
  withYes(
    command
      .argument('[sessions...]', 'their ids, beginnings of ids, or names')
      .option('-f, --force', 'end commands at once, without a grace period')
      .option('--all', 'end all live sessions that the key can see'),
  )
    .addHelpText('after', DETAILS)
    .action(rm);
};

const counted = (sessions: readonly unknown[]): string =>
  sessions.length === 1 ? 'this session' : `these ${sessions.length} sessions`;

const confirmAll = (options: Options, live: readonly SessionRecord[]): Promise<void> =>
  confirm(options, { lines: live.map(sessionLine), question: `End ${counted(live)}?`, needsYes: true });

/** Asks for sessions of other users only: a person ends their own many times a day. */
const confirmOthers = async (
  { client, owner }: Connection,
  options: Options,
  ids: readonly string[],
): Promise<void> => {
  if (!canAsk(options)) return;
  // A key that acts for any user has no sessions of its own.
  const caller = await owner().catch(() => null);
  const sessions = await Promise.all(ids.map((id) => client.sessions.get(id)));
  const others = sessions.filter(({ user, ended_at }) => ended_at === null && user !== caller);
  await confirm(options, {
    lines: others.map(sessionLine),
    question: `End ${counted(others)} of ${others.length === 1 ? 'another user' : 'other users'}?`,
  });
};

const rm = async (typed: readonly string[], options: Options): Promise<void> => {
  if ((typed.length === 0) === (options.all !== true)) throw usageError('Say which sessions to end, or --all.');
  const connection = await connect(options);
  const { client } = connection;
  const live = options.all ? (await client.sessions.list().all()).filter(({ ended_at }) => ended_at === null) : null;
  const ids = live?.map(({ id }) => id) ?? (await Promise.all(typed.map((id) => findSession(client, id))));
  if (ids.length === 0) {
    if (!printRaw(options, [], [])) note('There are no live sessions.');
    return;
  }
  await (live ? confirmAll(options, live) : confirmOthers(connection, options, ids));
  const end = (id: string) => (options.force ? client.sessions.forceDelete(id) : client.sessions.delete(id));
  const outcomes = await during(
    `Ending ${ids.length === 1 ? 'the session' : `${ids.length} sessions`}`,
    Promise.allSettled(ids.map(end)),
  );
  const ended = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (isRaw(options)) printRaw(options, typed.length === 1 ? ended[0] : ended, ended);
  else {
    for (const session of ended) {
      const gone = session.ended_at !== null;
      printDone(options, session, session.id, `Session ${session.id} ${gone ? 'has ended' : 'is ending'}.`);
    }
  }
  // Prints the sessions that have ended before the error of those that have not.
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
};
