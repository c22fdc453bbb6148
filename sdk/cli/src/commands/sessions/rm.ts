import type { Command } from 'commander';
import { connect } from '../../connect.ts';
import { usageError } from '../../errors.ts';
import { findSession } from '../../find.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { note, printDone, printJson } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';

interface Options extends CommonOptions {
  readonly force?: boolean;
  readonly all?: boolean;
}

export const define = (parent: Command): void => {
  endsSessions(leaf(parent, 'rm', 'end sessions'));
};

/** Also for `onmemos rm`. */
export const endsSessions = (command: Command): void => {
  command
    .argument('[sessions...]', 'their ids, or beginnings of ids')
    .option('-f, --force', 'end commands at once, without a grace period')
    .option('--all', 'end all live sessions that the key can see')
    .action(rm);
};

const rm = async (typed: readonly string[], options: Options): Promise<void> => {
  if ((typed.length === 0) === (options.all !== true)) throw usageError('Say which sessions to end, or --all.');
  const { client } = await connect(options);
  const ids = options.all
    ? (await client.sessions.list().all()).filter(({ ended_at }) => ended_at === null).map(({ id }) => id)
    : await Promise.all(typed.map((id) => findSession(client, id)));
  if (ids.length === 0) return options.json ? printJson([]) : note('There are no live sessions.');
  const end = (id: string) => (options.force ? client.sessions.forceDelete(id) : client.sessions.delete(id));
  const outcomes = await during(
    `Ending ${ids.length === 1 ? 'the session' : `${ids.length} sessions`}`,
    Promise.allSettled(ids.map(end)),
  );
  const ended = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (options.json) printJson(typed.length === 1 ? ended[0] : ended);
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
