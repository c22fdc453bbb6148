import type { Command } from 'commander';
import { connect } from '../../connect.ts';
import { pickId } from '../../find.ts';
import { type CommonOptions, leaf } from '../../options.ts';
import { printDone } from '../../ui/output.ts';

export const define = (parent: Command): void => {
  leaf(parent, 'rm', 'revoke a key; its next request is refused')
    .argument('<key>', 'its id, or the beginning of its id')
    .action(rm);
};

const rm = async (typed: string, options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  const ids = (await client.keys.list().all()).map(({ key_id }) => key_id);
  const id = pickId(typed, ids, 'key', 'onmemos keys ls --all');
  printDone(options, await client.keys.revoke(id), id, `Key ${id} is revoked.`);
};
