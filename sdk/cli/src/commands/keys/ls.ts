import type { Command } from 'commander';
import type { Key } from 'onmemos';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printList } from '../../ui/output.ts';
import { during } from '../../ui/progress.ts';
import { plain } from '../../ui/table.ts';
import { relative } from '../../ui/time.ts';

interface Options extends CommonOptions {
  readonly all?: boolean;
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'NAME', shrinks: true },
  { title: 'USER', shrinks: true },
  { title: 'ONLY FOR', shrinks: true, drop: 1 },
  { title: 'SCOPES', shrinks: true, drop: 3 },
  { title: 'EXPIRES' },
  { title: 'USED', drop: 2 },
] as const;

export const define = (parent: Command): void => {
  leaf(parent, 'ls', 'list keys').option('-a, --all', 'also revoked keys').action(ls);
};

const expiry = (key: Key): string => {
  if (key.revoked_at) return `revoked ${relative(key.revoked_at)}`;
  return key.expires_at ? relative(key.expires_at) : 'never';
};

const row = (key: Key, short: (id: string) => string): readonly string[] => [
  short(key.key_id),
  plain(key.name),
  plain(key.user_id ?? 'anyone'),
  plain(key.session_id ?? (key.workspace_id ? `${key.workspace_owner ?? ''}/${key.workspace_id}` : '-')),
  key.scopes.join(' '),
  expiry(key),
  key.last_used_at ? relative(key.last_used_at) : 'never',
];

const ls = async (options: Options): Promise<void> => {
  const { client } = await connect(options);
  const keys = await during('Listing keys', client.keys.list().all());
  const shown = options.all ? keys : keys.filter(({ revoked_at }) => revoked_at === null);
  await printList(options, shown, { columns: COLUMNS, row, id: ({ key_id }) => key_id, empty: 'There is no key.' });
};
