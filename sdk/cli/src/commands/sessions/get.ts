import type { Command } from 'commander';
import { labels, status } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { findSession } from '../../find.ts';
import { type CommonOptions, leaf, SESSION_HELP } from '../../options.ts';
import { sessionEntries } from '../../session-entries.ts';
import { printOne } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'get', 'show one session').argument('<session>', SESSION_HELP).action(get);
};

const get = async (typed: string, options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  const session = await during(
    'Reading the session',
    findSession(client, typed).then((id) => client.sessions.get(id)),
  );
  printOne(options, session, { id: session.id, entries: sessionEntries(session, { status, labels }) });
};
