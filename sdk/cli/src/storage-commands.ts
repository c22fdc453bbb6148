import type { Command } from 'commander';
import type { Storage } from 'onmemos';
import { confirm, type YesOption } from './confirm.ts';
import { connect } from './connect.ts';
import { type CommonOptions, leaf, withYes } from './options.ts';
import { formatMoney } from './ui/money.ts';
import { printDone, printList, printOne } from './ui/output.ts';
import { formatGigabytes } from './ui/size.ts';
import { plain } from './ui/table.ts';
import { local, relative } from './ui/time.ts';
import { wrap } from './ui/wrap.ts';
import { withWorkspace, workspaceAt } from './workspace-at.ts';

interface Options extends CommonOptions {
  readonly workspace?: string;
}

type Kind = 'volumes' | 'buckets';

const COLUMNS = [
  { title: 'NAME' },
  { title: 'SIZE', align: 'right' },
  { title: 'USED', align: 'right' },
  { title: 'LIMIT', drop: 2 },
  { title: 'PROVIDER', drop: 3 },
  { title: 'MOUNTED BY', shrinks: true },
  { title: 'PER HOUR', align: 'right' },
  { title: 'AGE', drop: 1 },
] as const;

const DETAILS = `
Asks on a terminal. Without a terminal, as in a script, it needs --yes.`;

const used = ({ used_gb }: Storage): string => (used_gb === null ? 'unknown' : formatGigabytes(used_gb));

const row = (one: Storage): readonly string[] => [
  plain(one.name),
  formatGigabytes(one.size_gb),
  used(one),
  one.size_limit,
  one.provider,
  one.mounted_by.join(', ') || '-',
  formatMoney(one.cost_per_hour, one.currency),
  relative(one.created_at).replace(' ago', ''),
];

/** `ls`, `get` and `rm` of a workspace's volumes or buckets; sessions make them (`run --volume 10Gi`). */
export const storageCommands =
  (kind: Kind, one: string) =>
  (command: Command): void => {
    const ls = async (options: Options): Promise<void> => {
      const connection = await connect(options);
      const { owner, id, text } = await workspaceAt(connection, options.workspace);
      const found = await connection.client[kind].list(owner, id).all();
      await printList(options, found, {
        columns: COLUMNS,
        row,
        id: ({ name }) => name,
        empty: `Workspace ${text} has no ${kind}. \`onmemos run -w ${text} --${one} 10Gi -- COMMAND\` makes one.`,
      });
    };
    const get = async (name: string, options: Options): Promise<void> => {
      const connection = await connect(options);
      const { owner, id } = await workspaceAt(connection, options.workspace);
      const found = await connection.client[kind].get(owner, id, name);
      printOne(options, found, {
        id: found.name,
        entries: [
          ['Name', plain(found.name)],
          ['Workspace', plain(`${found.workspace_owner}/${found.workspace_id}`)],
          ['Size', `${formatGigabytes(found.size_gb)} (${found.size_limit})`],
          ['Used', used(found)],
          ['Provider', found.provider],
          ['Access', found.access.replace('_', ' ')],
          ['Mounted by', found.mounted_by.join(', ')],
          ['Per hour', formatMoney(found.cost_per_hour, found.currency)],
          ['Made', local(found.created_at)],
          ['Kept until', found.retained_until === null ? null : local(found.retained_until)],
        ],
      });
    };
    const rm = async (name: string, options: Options & YesOption): Promise<void> => {
      const connection = await connect(options);
      const { owner, id } = await workspaceAt(connection, options.workspace);
      if (!options.yes) {
        const { size_gb, mounted_by, ...found } = await connection.client[kind].get(owner, id, name);
        const held = mounted_by.length === 0 ? '' : `, mounted by ${mounted_by.join(', ')}`;
        const size = found.used_gb === null ? formatGigabytes(size_gb) : `${formatGigabytes(found.used_gb)} of data`;
        await confirm(options, {
          lines: [plain(`${one} ${name} of ${owner}/${id}: ${size}${held}`)],
          question: `Remove this ${one} and its data for good?`,
          needsYes: true,
        });
      }
      const answer = await connection.client[kind].delete(owner, id, name);
      printDone(options, answer, name, `The ${one} ${name} of ${id} is removed, and its data with it.`);
    };
    withWorkspace(leaf(command, 'ls', `list the ${kind} of a workspace`)).action(ls);
    withWorkspace(leaf(command, 'get', `show one ${one}`).argument('<name>', 'its name')).action(get);
    withYes(withWorkspace(leaf(command, 'rm', `remove a ${one} and its data, for good`).argument('<name>', 'its name')))
      .addHelpText('after', wrap(DETAILS))
      .action(rm);
  };
