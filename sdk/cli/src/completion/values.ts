import type { OnMemOSClient } from 'onmemos';
import { commandText } from '../command-line.ts';
import { isHelper } from '../helper-commands.ts';
import { readConfig } from '../target/config.ts';
import { workspaceOf } from '../session-options.ts';

export interface Candidate {
  readonly value: string;
  readonly help: string;
}

/** What a value is looked up with. */
export interface Place {
  /** Null where no server answers: values that only a server knows are left out. */
  readonly client: () => Promise<OnMemOSClient | null>;
  /** The user of the call, if it is known. */
  readonly user: () => Promise<string | undefined>;
  readonly positional: readonly string[];
  readonly option: (long: string) => string | undefined;
}

type Source = (place: Place) => Promise<readonly Candidate[]>;

const words =
  (...values: readonly string[]): Source =>
  async () =>
    values.map((value) => ({ value, help: '' }));

const fromServer =
  (ask: (client: OnMemOSClient, place: Place) => Promise<readonly Candidate[]>): Source =>
  async (place) => {
    const client = await place.client();
    return client === null ? [] : ask(client, place);
  };

const live = async (client: OnMemOSClient) =>
  (await client.sessions.list().all()).filter(({ ended_at }) => ended_at === null);

const ownerOf = async (client: OnMemOSClient, { user }: Place): Promise<string | null> =>
  (await user()) ?? (await client.info()).user_id;

const sessions = fromServer(async (client) =>
  (await live(client)).flatMap(({ id, labels, status, user }) => {
    const { name } = labels;
    const help = `${status}, of ${user}`;
    return [{ value: id, help: name ? `${name}, ${help}` : help }, ...(name ? [{ value: name, help }] : [])];
  }),
);

const commands = fromServer(async (client, { positional: [typed] }) => {
  if (typed === undefined) return [];
  const session = (await live(client)).find(({ id, labels }) => id.startsWith(typed) || labels['name'] === typed);
  const execs = await client.execs.list(session?.id ?? typed).all();
  return execs
    .filter((one) => !isHelper(one))
    .map((one) => ({
      value: one.exec_id,
      help: `${one.status}: ${commandText(one)}`,
    }));
});

const workspaces = fromServer(async (client, place) => {
  const owner = place.option('--user') ?? (await ownerOf(client, place));
  if (owner === null) return [];
  return (await client.workspaces.list(owner).all()).map(({ user_id, workspace_id, name }) => ({
    value: user_id === owner ? workspace_id : `${user_id}/${workspace_id}`,
    help: name,
  }));
});

const storage = (kind: 'volumes' | 'buckets'): Source =>
  fromServer(async (client, place) => {
    const { workspace_owner, workspace_id } = workspaceOf(place.option('--workspace') ?? 'default');
    const owner = workspace_owner ?? (await ownerOf(client, place));
    if (owner === null) return [];
    const found = await client[kind].list(owner, workspace_id).all();
    return found.map(({ name, size_gb }) => ({ value: name, help: `${size_gb} GB` }));
  });

const profiles: Source = async () =>
  Object.entries((await readConfig()).profiles).map(([value, { url }]) => ({ value, help: url ?? '' }));

const packages = fromServer(async (client) =>
  (await client.packages.list().all()).map(({ name, cpu_millis, memory_mb }) => ({
    value: name,
    help: `${cpu_millis / 1000} CPU, ${memory_mb / 1024} GiB`,
  })),
);
const providers = fromServer(async (client) =>
  (await client.providers.list().all()).map(({ name, available }) => ({ value: name, help: available ? '' : 'off' })),
);
const users = fromServer(async (client) =>
  (await client.users.list().all()).map(({ user_id, user_type }) => ({ value: user_id, help: user_type })),
);
const keys = fromServer(async (client) =>
  (await client.keys.list().all()).flatMap(({ key_id, name, revoked_at }) =>
    revoked_at === null ? [{ value: key_id, help: name }] : [],
  ),
);
const webhooks = fromServer(async (client) =>
  (await client.webhooks.list().all()).map(({ webhook_id, url }) => ({ value: webhook_id, help: url })),
);
const gpus = fromServer(async (client) => {
  const types = (await client.packages.list().all()).flatMap(({ gpu }) => gpu?.type ?? []);
  return [...new Set(types)].map((value) => ({ value, help: '' }));
});
const namespaces = fromServer(async (client) =>
  [...new Set((await live(client)).map(({ namespace }) => namespace))].map((value) => ({ value, help: '' })),
);
const labels = fromServer(async (client) => {
  const pairs = (await live(client)).flatMap((one) =>
    Object.entries(one.labels).map(([name, value]) => `${name}=${value}`),
  );
  return [...new Set(pairs)].map((value) => ({ value, help: '' }));
});

/** The values of an option, wherever it is. */
const OF_OPTION: Readonly<Record<string, Source>> = {
  '--profile': profiles,
  '--package': packages,
  '--provider': providers,
  '--workspace': workspaces,
  '--user': users,
  '--session': sessions,
  '--gpu': gpus,
  '--namespace': namespaces,
  '--label': labels,
  '--output': words('table', 'wide', 'json'),
  '--role': words('editor', 'viewer'),
  '--type': words('free', 'pro', 'enterprise', 'admin'),
  '--over-budget': words('refuse', 'terminate'),
  '--by': words('day', 'month', 'user', 'workspace', 'session', 'provider', 'kind'),
  '--signal': words('TERM', 'KILL', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'STOP', 'CONT'),
  '--event': words('budget.threshold', 'session.ending', 'session.reclaiming'),
  '--template': words('alpine', 'ubuntu', 'python', 'cuda'),
};

/** Options whose value is a file of this machine. */
export const FILE_OPTIONS: ReadonlySet<string> = new Set(['--env-file']);

/** The values of an argument, by its name; of a name that means several things, by the command too. */
const OF_ARGUMENT: Readonly<Record<string, Source>> = {
  session: sessions,
  sessions,
  command: commands,
  workspace: workspaces,
  user: users,
  key: keys,
  webhook: webhooks,
  profile: profiles,
  field: words('url', 'api_key', 'user', 'workspace'),
  shell: words('bash', 'zsh', 'fish'),
  'packages name': packages,
  'volumes name': storage('volumes'),
  'buckets name': storage('buckets'),
};

export const optionValues = (long: string): Source | undefined => OF_OPTION[long];

export const argumentValues = (group: string, name: string): Source | undefined =>
  OF_ARGUMENT[`${group} ${name}`] ?? OF_ARGUMENT[name];
