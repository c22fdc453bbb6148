import type { Command } from 'commander';
import { status } from '../../answers.ts';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printOne } from '../../ui/output.ts';
import { formatGigabytes } from '../../ui/size.ts';
import { plain } from '../../ui/table.ts';
import { local } from '../../ui/time.ts';
import { ID_OR_OWNER, workspaceAt } from '../../workspace-at.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'get', 'show one workspace').argument('<workspace>', ID_OR_OWNER).action(get);
};

const get = async (typed: string, options: CommonOptions): Promise<void> => {
  const connection = await connect(options);
  const { owner, id } = await workspaceAt(connection, typed);
  const one = await connection.client.workspaces.get(owner, id);
  printOne(options, one, {
    id: one.workspace_id,
    entries: [
      ['ID', one.workspace_id],
      ['Owner', plain(one.user_id)],
      ['Name', plain(one.name)],
      ['Description', one.description === null ? null : plain(one.description)],
      ['Package', one.resource_package],
      ['Status', status(one.status)],
      ['Your role', one.role],
      ['Live sessions', one.live_sessions],
      ['Volumes', one.storage.volumes],
      ['Buckets', one.storage.buckets],
      ['Storage', formatGigabytes(one.storage.size_gb)],
      ['Made', local(one.created_at)],
      ['Kept until', one.retained_until === null ? null : local(one.retained_until)],
    ],
  });
};
