import type { Command } from 'commander';
import { status } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printList } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { formatGigabytes } from '../../ui/size.ts';
import { plain } from '../../ui/table.ts';

interface Options extends CommonOptions {
  readonly user?: string;
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'OWNER', shrinks: true },
  { title: 'NAME', shrinks: true, drop: 2 },
  { title: 'PACKAGE', drop: 3 },
  { title: 'STATUS' },
  { title: 'ROLE', drop: 1 },
  { title: 'SESSIONS', align: 'right' },
  { title: 'STORAGE', align: 'right' },
] as const;

export const define = (parent: Command): void => {
  leaf(parent, 'ls', 'list workspaces, including those shared with you')
    .option('--user <id>', 'of this user')
    .action(ls);
};

const ls = async (options: Options): Promise<void> => {
  const connection = await connect(options);
  const owner = await connection.owner(options.user);
  const found = await during('Listing workspaces', connection.client.workspaces.list(owner).all());
  await printList(options, found, {
    columns: COLUMNS,
    row: (one) => [
      one.workspace_id,
      plain(one.user_id),
      plain(one.name),
      one.resource_package,
      status(one.status),
      one.role,
      String(one.live_sessions),
      formatGigabytes(one.storage.size_gb),
    ],
    id: (one) => (one.user_id === owner ? one.workspace_id : `${one.user_id}/${one.workspace_id}`),
    empty: `${plain(owner)} has no workspace. \`onmemos workspaces create ID\` makes one; \`onmemos run\` needs none.`,
  });
};
