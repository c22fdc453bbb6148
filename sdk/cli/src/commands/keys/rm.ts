import type { Command } from 'commander';
import { confirm, type YesOption } from '../../confirm.ts';
import { connect } from '../../connect.ts';
import { type CommonOptions, leaf, withYes } from '../../options.ts';
import { printDone } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';
import { keyLine, pickKey } from './find.ts';

export const define = (parent: Command): void => {
  withYes(
    leaf(parent, 'rm', 'revoke a key; its next request is refused').argument(
      '<key>',
      'its id, the beginning of its id, or its name',
    ),
  ).action(rm);
};

const rm = async (typed: string, options: CommonOptions & YesOption): Promise<void> => {
  const { client } = await connect(options);
  const key = pickKey(typed, await client.keys.list().all());
  const { key_id, revoked_at } = key;
  if (revoked_at === null) await confirm(options, { lines: [keyLine(key)], question: 'Revoke this key?' });
  printDone(options, await client.keys.revoke(key_id), key_id, `Key ${key_id} (${plain(key.name)}) is revoked.`);
};
