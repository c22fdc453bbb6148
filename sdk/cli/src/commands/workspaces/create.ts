import type { Command } from 'commander';
import type { PackageName } from 'onmemos';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { handOver } from '../../ui/hand-over.ts';
import { printDone } from '../../ui/output.ts';
import { workspaceText } from '../../workspace-at.ts';

interface Options extends CommonOptions {
  readonly name?: string;
  readonly package: string;
  readonly description?: string;
  readonly user?: string;
}

export const define = (parent: Command): void => {
  leaf(parent, 'create', 'create a workspace')
    .argument('<id>', 'letters, digits and . _ - (63 at most)')
    .option('--name <name>', 'a display name (default: the id)')
    .option('--package <name>', 'the size of its sessions (`onmemos packages`)', 'dev_medium')
    .option('--description <text>', 'what it is for')
    .option('--user <id>', 'its owner')
    .action(create);
};

const create = async (id: string, options: Options): Promise<void> => {
  const connection = await connect(options);
  const owner = await connection.owner(options.user);
  const made = await connection.client.workspaces.create({
    user_id: owner,
    workspace_id: id,
    name: options.name ?? id,
    resource_package: options.package as PackageName,
    ...(options.description === undefined ? {} : { description: options.description }),
  });
  const text = workspaceText(owner, id, options.user === undefined ? owner : connection.user);
  const { workspaces } = connection.client;
  const undo = (): Promise<unknown> => workspaces.delete(owner, id);
  await handOver({ name: `workspace ${text}`, removedBy: `workspaces rm ${text}`, undo }, () =>
    printDone(
      options,
      made,
      made.workspace_id,
      `Workspace ${text} is made. \`onmemos run -w ${text} -- COMMAND\` runs something in it.`,
    ),
  );
};
