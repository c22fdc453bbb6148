import type { Command } from 'commander';
import type { KeyCreate } from 'onmemos';
import { connect } from '../../connect.ts';
import { findSession } from '../../find.ts';
import { type CommonOptions, collect, leaf } from '../../options.ts';
import { workspaceOf } from '../../session-options.ts';
import { parseDuration } from '../../ui/duration.ts';
import { handOver } from '../../ui/hand-over.ts';
import { isRaw, note, print, printRaw } from '../../ui/output.ts';
import { local } from '../../ui/time.ts';

interface Options extends CommonOptions {
  readonly user?: string;
  readonly scope?: readonly string[];
  readonly workspace?: string;
  readonly session?: string;
  readonly expires?: number;
}

export const define = (parent: Command): void => {
  leaf(parent, 'create', 'create a key; its secret is printed once, on stdout')
    .argument('<name>', 'what it is for')
    .option('--user <id>', 'the user it acts for (default: that of the key in use)')
    .option(
      '--scope <scope>',
      'what it may do, such as sessions:read; may be repeated (default: all that the key in use may)',
      collect,
    )
    .option('-w, --workspace <id>', 'only for this workspace, or OWNER/ID')
    .option('--session <id>', 'only for this session')
    .option('--expires <duration>', 'how long it is valid, such as 30d; a bare number is minutes', (text) =>
      parseDuration(text),
    )
    .action(create);
};

const create = async (name: string, options: Options): Promise<void> => {
  const { client } = await connect(options);
  const expires_at = options.expires === undefined ? null : new Date(Date.now() + options.expires * 1000).toISOString();
  const key = await client.keys.create({
    name,
    ...(options.user ? { user_id: options.user } : {}),
    ...(options.scope ? { scopes: [...options.scope] } : {}),
    ...(options.workspace ? workspaceOf(options.workspace) : {}),
    ...(options.session ? { session_id: await findSession(client, options.session) } : {}),
    ...(expires_at ? { expires_at } : {}),
  } as KeyCreate);
  const { key_id, secret } = key;
  const plainly = !isRaw(options) && !options.quiet;
  const undo = (): Promise<unknown> => client.keys.revoke(key_id);
  await handOver({ name: `key ${key_id}`, removedBy: `keys rm ${key_id}`, undo }, () => {
    // Neither JSON nor a copy has the secret, unless it is named.
    if (!printRaw(options, { ...key, secret })) print(plainly ? (secret as string) : key_id);
  });
  if (!plainly) return;
  const until = key.expires_at ? `until ${local(key.expires_at)}` : 'until it is revoked';
  note(`Key ${key_id} is valid ${until}. Its secret is not shown again.`);
};
