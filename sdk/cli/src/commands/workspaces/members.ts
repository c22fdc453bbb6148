import type { Command } from 'commander';
import type { MemberPut } from 'onmemos';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printDone, printList } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';
import { relative } from '../../ui/time.ts';
import { ID_OR_OWNER, workspaceAt } from '../../workspace-at.ts';

const COLUMNS = [{ title: 'USER' }, { title: 'ROLE' }, { title: 'ADDED' }] as const;

export const define = (parent: Command): void => {
  const group = parent.command('members').summary('who shares a workspace').description('Who shares a workspace.');
  leaf(group, 'ls', 'list the members of a workspace').argument('<workspace>', ID_OR_OWNER).action(ls);
  leaf(group, 'add', 'share a workspace, or change a role')
    .argument('<workspace>', ID_OR_OWNER)
    .argument('<user>', 'the member')
    .option('--role <role>', 'editor uses its sessions, viewer reads', 'editor')
    .action(add);
  leaf(group, 'rm', 'end the sharing with a user')
    .argument('<workspace>', ID_OR_OWNER)
    .argument('<user>', 'the member')
    .action(rm);
};

const ls = async (typed: string, options: CommonOptions): Promise<void> => {
  const connection = await connect(options);
  const { owner, id } = await workspaceAt(connection, typed);
  const members = await connection.client.members.list(owner, id).all();
  await printList(options, members, {
    columns: COLUMNS,
    row: (one) => [plain(one.member_id), one.role, relative(one.added_at)],
    id: (one) => one.member_id,
    empty: `Workspace ${id} has no members.`,
  });
};

const add = async (typed: string, user: string, options: CommonOptions & { readonly role: string }): Promise<void> => {
  const connection = await connect(options);
  const { owner, id } = await workspaceAt(connection, typed);
  const member = await connection.client.members.put(owner, id, user, { role: options.role } as MemberPut);
  printDone(options, member, user, `${user} is ${member.role} of ${id}.`);
};

const rm = async (typed: string, user: string, options: CommonOptions): Promise<void> => {
  const connection = await connect(options);
  const { owner, id } = await workspaceAt(connection, typed);
  const answer = await connection.client.members.delete(owner, id, user);
  printDone(options, answer, user, `${id} is no longer shared with ${user}.`);
};
