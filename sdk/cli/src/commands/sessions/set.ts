import type { Command } from 'commander';
import { connect } from '../../connect.ts';
import { usageError } from '../../errors.ts';
import { findLiveSession } from '../../find.ts';
import { collect, type CommonOptions, leaf, SESSION_HELP } from '../../options.ts';
import { labelsOf } from '../../session-options.ts';
import { parseMinutes } from '../../ui/duration.ts';
import { printDone } from '../../ui/output.ts';
import { local } from '../../ui/time.ts';

interface Options extends CommonOptions {
  readonly ttl?: number;
  readonly label?: readonly string[];
}

export const define = (parent: Command): void => {
  leaf(parent, 'set', 'change when a session ends, or its labels')
    .argument('<session>', SESSION_HELP)
    .option('--ttl <duration>', 'new time to live, counted from now; a bare number is minutes', parseMinutes)
    .option('-l, --label <KEY=VALUE>', 'add a label', collect)
    .action(set);
};

const set = async (typed: string, options: Options): Promise<void> => {
  const added = labelsOf(options.label);
  if (options.ttl === undefined && options.label === undefined)
    throw usageError('There is nothing to set: --ttl or --label.');
  const { client } = await connect(options);
  const id = await findLiveSession(client, typed);
  const labels = options.label ? { ...(await client.sessions.get(id)).labels, ...added } : null;
  const session = await client.sessions.update(id, {
    ...(options.ttl === undefined ? {} : { ttl_minutes: options.ttl }),
    ...(labels ? { labels } : {}),
  });
  printDone(options, session, id, `Session ${id} ends at ${local(session.expires_at)}.`);
};
