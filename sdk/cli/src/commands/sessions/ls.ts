import type { Command } from 'commander';
import type { SessionFilters, SessionRecord } from 'onmemos';
import { labels, status } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { usageError } from '../../errors.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { NAME_LABEL, workspaceOf } from '../../session-options.ts';
import { printList } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { plain } from '../../ui/table.ts';
import { relative } from '../../ui/time.ts';

interface Options extends CommonOptions {
  readonly all?: boolean;
  readonly user?: string;
  readonly workspace?: string;
  readonly label?: string;
  readonly namespace?: string;
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'NAME', shrinks: true },
  { title: 'STATUS' },
  { title: 'PACKAGE', drop: 4 },
  { title: 'PROVIDER', drop: 1 },
  { title: 'WORKSPACE', shrinks: true },
  { title: 'AGE', drop: 3 },
  { title: 'ENDS' },
  { title: 'LABELS', shrinks: true, drop: 2 },
];

export const define = (parent: Command): void => {
  listsSessions(leaf(parent, 'ls', 'list live sessions'));
};

/** The server looks for one label: a second one must not take the place of the first. @throws CliError usage */
const onlyOnce =
  (option: string) =>
  (value: string, before?: string): string => {
    if (before !== undefined) throw usageError(`${option} can be given once.`, 'Name the label that tells most apart.');
    return value;
  };

/** Also for `onmemos ls`. */
export const listsSessions = (command: Command): void => {
  command
    .option('-a, --all', 'also those that ended in the last 24 hours')
    .option('--user <id>', 'only of this user')
    .option('-w, --workspace <id>', 'only of this workspace, or OWNER/ID')
    .option('-l, --label <KEY=VALUE>', 'only with this label', onlyOnce('--label'))
    .option('--namespace <name>', 'only of this namespace')
    .action(ls);
};

const row = (session: SessionRecord, short: (id: string) => string): readonly string[] => {
  const { [NAME_LABEL]: name, ...others } = session.labels;
  return [
    short(session.id),
    plain(name ?? '-'),
    status(session.status),
    session.resource_package ?? '-',
    session.provider,
    plain(`${session.workspace_owner}/${session.workspace_id}`),
    relative(session.created_at).replace(' ago', ''),
    session.ended_at ? relative(session.ended_at) : relative(session.expires_at),
    labels(others),
  ];
};

const ls = async (options: Options): Promise<void> => {
  const { client } = await connect(options);
  const filters = {
    user: options.user,
    namespace: options.namespace,
    label: options.label,
    ...(options.workspace ? workspaceOf(options.workspace) : {}),
  } as SessionFilters;
  const found = await during('Listing sessions', client.sessions.list(filters).all());
  const shown = options.all ? found : found.filter(({ ended_at }) => ended_at === null);
  await printList<SessionRecord>(options, shown, {
    columns: COLUMNS,
    row,
    id: ({ id }) => id,
    empty: options.all
      ? 'No session in the last 24 hours.'
      : 'There are no live sessions. `onmemos sessions ls --all` shows ended ones.',
  });
};
