import type { Command } from 'commander';
import { canAsk, confirm, type YesOption } from '../../confirm.ts';
import { connect } from '../../connect.ts';
import { pickId } from '../../find.ts';
import { type CommonOptions, leaf, withYes } from '../../options.ts';
import { printDone } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';
import { relative } from '../../ui/time.ts';

export const define = (parent: Command): void => {
  withYes(
    leaf(parent, 'rm', 'revoke a key; its next request is refused').argument(
      '<key>',
      'its id, or the beginning of its id',
    ),
  ).action(rm);
};

const rm = async (typed: string, options: CommonOptions & YesOption): Promise<void> => {
  const { client } = await connect(options);
  const keys = await client.keys.list().all();
  const id = pickId(
    typed,
    keys.map(({ key_id }) => key_id),
    'key',
    'onmemos keys ls --all',
  );
  const key = keys.find(({ key_id }) => key_id === id);
  if (canAsk(options) && key && key.revoked_at === null) {
    const used = key.last_used_at ? `last used ${relative(key.last_used_at)}` : 'never used';
    const line = plain(`${id} (${key.name}) of ${key.user_id ?? 'anyone'}, ${used}`);
    await confirm(options, { lines: [line], question: 'Revoke this key?' });
  }
  printDone(options, await client.keys.revoke(id), id, `Key ${id} is revoked.`);
};
