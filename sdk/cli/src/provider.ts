import type { OnMemOSClient, SessionCreate } from 'onmemos';
import type { Connection } from './connect.ts';
import { usageError } from './errors.ts';
import { type SessionOptions, sessionBody } from './session-options.ts';
import { plain } from './ui/table.ts';

/** People write `cloud-run`, `Cloud Run` and `cloudrun`. */
const letters = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * The provider as the server names it. `local` is the name under which a session of `auto` is answered where `auto` leads
 * to this machine, so that it is typed as one.
 * @throws CliError usage, with the names there are
 */
export const providerNamed = async (client: OnMemOSClient, typed: string): Promise<string> => {
  const all = await client.providers
    .list()
    .all()
    .catch(() => []);
  // A key that may not list them may use them: the server judges.
  if (all.length === 0) return typed;
  const found = all.find(({ name }) => letters(name) === letters(typed));
  if (found) return found.name;
  const auto = all.find(({ name }) => name === 'auto');
  if (auto?.driver && letters(auto.driver) === letters(typed)) return auto.name;
  throw usageError(
    `There is no provider ${plain(typed)}.`,
    `This server has ${all.map(({ name }) => name).join(', ')}; \`onmemos providers\` says more of them.`,
  );
};

/** The body of a create, with the provider as the server names it. @throws CliError usage */
export const namedBody = async (options: SessionOptions, connection: Connection): Promise<SessionCreate> => {
  const body = sessionBody(options, connection);
  if (!options.provider) return body;
  return { ...body, provider: await providerNamed(connection.client, options.provider) } as SessionCreate;
};
