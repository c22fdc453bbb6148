import type { Command } from 'commander';
import type { SessionCreate } from 'onmemos';
import type { Connection } from './connect.ts';
import { readEnvFiles } from './env-file.ts';
import { usageError } from './errors.ts';
import { collect } from './options.ts';
import { parseMinutes } from './ui/duration.ts';
import { parseGigabytes } from './ui/size.ts';

/** What can be said of a session that is made. */
export interface SessionOptions {
  readonly package?: string;
  readonly provider?: string;
  readonly workspace?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly template?: string;
  readonly image?: string;
  readonly gpu?: string;
  readonly volume?: number;
  readonly bucket?: number;
  readonly ttl?: number;
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly name?: string;
  readonly label?: readonly string[];
}

/** The label that --name is. */
export const NAME_LABEL = 'name';

export const withSessionOptions = (command: Command): Command =>
  command
    .optionsGroup('Session:')
    .option('--package <name>', 'its size (`onmemos packages`; default: that of the workspace)')
    .option(
      '--ttl <duration>',
      'time to live, such as 30m or 1h30m; a bare number is minutes (default: 60m)',
      parseMinutes,
    )
    .option('-e, --env <KEY=VALUE>', 'set an environment variable; KEY alone copies the value from here', collect)
    .option('--env-file <path>', 'set the variables of a .env file; -e comes after it', collect)
    .option('-w, --workspace <id>', 'the workspace, or OWNER/ID for a shared one')
    .option('--provider <name>', 'where it runs (`onmemos providers`)')
    .option('--template <name>', 'what it is for, such as python')
    .option('--image <url>', 'an image of your own')
    .option('--gpu <type[:count]>', 'such as t4 or a100:2')
    .option(
      '--volume <size>',
      'keep /workspace in a volume of this size, such as 10Gi; a bare number is Gi',
      parseGigabytes,
    )
    .option('--bucket <size>', 'mount a bucket of this size at /buckets/default; a bare number is Gi', parseGigabytes)
    .option('--name <name>', 'a name to find it by')
    .option('-l, --label <KEY=VALUE>', 'a label to find it by', collect)
    .option('--namespace <name>', 'the namespace')
    .option('--user <id>', 'the user it is for')
    .optionsGroup('Options:');

const pairs = (
  given: readonly string[] | undefined,
  option: string,
  from?: NodeJS.ProcessEnv,
): Record<string, string> =>
  Object.fromEntries(
    (given ?? []).map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      const value = at < 0 ? from?.[text] : undefined;
      if (value === undefined) {
        throw usageError(
          at < 0 && from ? `${option} ${text}: there is no such variable here.` : `${option} ${text} is not KEY=VALUE.`,
        );
      }
      return [text, value];
    }),
  );

/** The variables of --env-file and of -e, which replaces those of a file. @throws CliError usage */
export const envOf = ({ env, envFile }: Pick<SessionOptions, 'env' | 'envFile'>): Record<string, string> => ({
  ...readEnvFiles(envFile),
  ...pairs(env, '--env', process.env),
});
export const labelsOf = (given: readonly string[] | undefined): Record<string, string> => pairs(given, '--label');

/** `OWNER/ID` or `ID`. */
export const workspaceOf = (text: string): { readonly workspace_owner?: string; readonly workspace_id: string } => {
  const at = text.lastIndexOf('/');
  return at < 0 ? { workspace_id: text } : { workspace_owner: text.slice(0, at), workspace_id: text.slice(at + 1) };
};

const gpuOf = (text: string): Record<string, unknown> => {
  const [type, count, ...rest] = text.toLowerCase().split(':');
  if (rest.length > 0 || (count !== undefined && !/^[1-8]$/.test(count))) {
    throw usageError(`--gpu ${text} is not TYPE or TYPE:COUNT.`, 'Such as t4, or a100:2 (1 to 8).');
  }
  return count === undefined ? { gpu_type: type } : { gpu_type: type, gpu_count: Number(count) };
};

/** The body of a create; what was not said is left to the server. The server checks names and sizes. */
export const sessionBody = (
  options: SessionOptions,
  { user, target }: Pick<Connection, 'user' | 'target'>,
): SessionCreate => {
  const labels = { ...labelsOf(options.label), ...(options.name ? { [NAME_LABEL]: options.name } : {}) };
  const env = envOf(options);
  const workspace = options.workspace ?? target.workspace;
  const who = options.user ?? user;
  return {
    ...(who ? { user: who } : {}),
    ...(workspace ? workspaceOf(workspace) : {}),
    ...(options.package ? { resource_package: options.package } : {}),
    ...(options.provider ? { provider: options.provider } : {}),
    ...(options.namespace ? { namespace: options.namespace } : {}),
    ...(options.template ? { template: options.template } : {}),
    ...(options.image ? { image_spec: { image_type: 'custom', image_url: options.image } } : {}),
    ...(options.gpu ? gpuOf(options.gpu) : {}),
    ...(options.volume ? { persistent_storage_size_gb: options.volume } : {}),
    ...(options.bucket ? { bucket_size_gb: options.bucket } : {}),
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(options.ttl === undefined ? {} : { ttl_minutes: options.ttl }),
  } as SessionCreate;
};
