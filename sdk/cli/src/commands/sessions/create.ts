import type { Command } from 'commander';
import { labels, status } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { warnOfName } from '../../names.ts';
import { leaf, type CommonOptions } from '../../options.ts';
import { sessionEntries } from '../../session-entries.ts';
import { namedBody } from '../../provider.ts';
import { NAME_LABEL, type SessionOptions, withSessionOptions } from '../../session-options.ts';
import { parseDuration } from '../../ui/duration.ts';
import { handOver } from '../../ui/hand-over.ts';
import { isRaw, note, printOne } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';

interface Options extends CommonOptions, SessionOptions {
  readonly wait: number;
}

export const define = (parent: Command): void => {
  withSessionOptions(leaf(parent, 'create', 'create a session and leave it running'))
    .option(
      '--wait <duration>',
      'how long to wait until it runs; a bare number is seconds, 0: do not wait',
      (text) => parseDuration(text, 's'),
      60,
    )
    .action(create);
};

const create = async (options: Options): Promise<void> => {
  const connection = await connect(options);
  const body = await namedBody(options, connection);
  const { sessions } = connection.client;
  await warnOfName(connection.client, body.labels?.[NAME_LABEL]);
  const made = await during('Creating a session', sessions.create(body, { wait: options.wait }));
  const { id } = made;
  const undo = (): Promise<unknown> => sessions.forceDelete(id);
  await handOver({ name: `session ${id}`, removedBy: `rm ${id}`, undo }, () =>
    printOne(options, made, { id, entries: sessionEntries(made, { status, labels }) }),
  );
  if (!isRaw(options) && !options.quiet)
    note(`\nonmemos exec ${id} -- COMMAND runs a command in it; onmemos sessions rm ${id} ends it.`);
};
