import { userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { USER_TYPES } from '#contract/entities/user.ts';
import { meantBy } from '#domain/spelling.ts';
import { networks } from '#drivers/outbound/addresses.ts';
import { parseAllowed } from '#platform/network-policy.ts';
import { MOST_POOLED } from '#platform/pool.ts';
import { address, BadSettings, count, flag, givenIn, numeral, oneOf, origins, readable } from './setting-kinds.ts';

export { BadSettings };

const RATE = 'must be a number above 0';
const RETENTION = 'must be a number from 0 to 365';

/**
 * Every setting of the standalone server, read once from the environment. The names contain the units.
 * An invalid value gives an error that names its variable; the server never silently uses the default instead.
 */
export const Schema = z.object({
  ONMEMOS_HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  ONMEMOS_PORT: count(0, 65_535).default(8080).describe('port to listen on; 0: any free one'),
  ONMEMOS_DATA_DIR: z.string().min(1).optional().describe('folder for all data (default: the user’s data folder)'),
  ONMEMOS_PUBLIC_URL: address.optional().describe('address by which clients reach it, if it is another one'),
  ONMEMOS_DEFAULT_USER_TYPE: oneOf(USER_TYPES).default('enterprise').describe('type of a user that no admin has set'),
  ONMEMOS_ISOLATION: oneOf(['auto', 'required', 'full', 'user', 'none'])
    .default('auto')
    .describe('isolation level; required: do not start without full or user'),
  ONMEMOS_NETWORK: oneOf(['auto', 'host', 'none']).default('auto').describe('network of the sessions'),
  ONMEMOS_NETWORK_PRIVATE: oneOf(['open', 'closed'])
    .optional()
    .describe('private networks for sessions (default: open if only this machine reaches the server)'),
  ONMEMOS_NETWORK_ALLOW: z
    .string()
    .default('')
    .superRefine(readable(parseAllowed))
    .describe('private ranges that stay open when private networks are closed, separated by commas'),
  ONMEMOS_POOL_SIZE: count(0, MOST_POOLED).default(2).describe('sandboxes kept ready, about 0.5 MB each'),
  ONMEMOS_HOLD_SECONDS: count(1, 86_400)
    .default(60)
    .describe('how long a command waits for a reader of its output that is gone; then the oldest output is dropped'),
  ONMEMOS_STRICT_RESOURCES: flag.default(false).describe('refuse what this machine can’t honour instead of warning'),
  ONMEMOS_SHADOW_PROVIDER: oneOf(['gke', 'cloud_run']).optional().describe('price sessions as if they ran there'),
  ONMEMOS_REGION: z.string().min(1).default('us-central1').describe('region whose prices are used'),
  ONMEMOS_PRICES_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('JSON file of prices that replace built-in ones or add to them'),
  ONMEMOS_RATE_LIMIT_PER_SECOND: numeral(RATE)
    .pipe(z.number().positive(RATE))
    .optional()
    .describe('requests per second of one key'),
  ONMEMOS_CORS_ORIGINS: origins.default('').describe('origins whose pages may call, separated by commas'),
  ONMEMOS_LONGEST_LIFE_MINUTES: count(1, 1440).default(1440).describe('longest life of a session, extensions included'),
  ONMEMOS_START_TIMEOUT_SECONDS: count(1, 3600)
    .default(120)
    .describe('time that a session has to start; then it fails'),
  ONMEMOS_METER_PERIOD_SECONDS: count(1, 3600).default(60).describe('how often live sessions are observed and billed'),
  ONMEMOS_RETENTION_DAYS: numeral(RETENTION)
    .pipe(z.number().min(0, RETENTION).max(365, RETENTION))
    .default(7)
    .describe('days that a deleted workspace’s data is kept'),
  ONMEMOS_WEBHOOK_ALLOW: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .superRefine(readable(networks))
    .describe('networks outside the internet to which webhooks may send, separated by commas; there also by http'),
  ONMEMOS_LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('lowest level that is logged'),
  ONMEMOS_LOG_PRETTY: flag.optional().describe('readable log lines (default: if the output is a terminal)'),
});

export type StandaloneSettings = Omit<z.infer<typeof Schema>, 'ONMEMOS_DATA_DIR'> & {
  readonly ONMEMOS_DATA_DIR: string;
};

const valuesOf = (schema: unknown): readonly string[] => {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return valuesOf(schema.unwrap());
  if (schema === flag) return ['0', '1'];
  if (schema instanceof z.ZodPipe && schema.out instanceof z.ZodEnum) return valuesOf(schema.out);
  return schema instanceof z.ZodEnum ? schema.options.map(String) : [];
};

const defaultOf = (schema: unknown): string | null => {
  const value = schema instanceof z.ZodDefault ? schema.def.defaultValue : null;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return value === null || value === '' ? null : String(value);
};

/** The purpose, values and default of each setting, as the help shows them. */
export const SETTINGS: readonly { readonly name: string; readonly what: string }[] = Object.entries(Schema.shape).map(
  ([name, schema]) => {
    const values = valuesOf(schema).join(', ');
    const normal = defaultOf(schema);
    const more = [values, normal === null ? '' : `default ${normal}`].filter((part) => part !== '').join('; ');
    return { name, what: more === '' ? (schema.description ?? '') : `${schema.description} (${more})` };
  },
);

/** An empty or relative HOME counts as unset: no data is written below the current folder. @throws BadSettings */
const homeOf = (env: NodeJS.ProcessEnv): string => {
  if (env['HOME'] !== undefined && isAbsolute(env['HOME'])) return env['HOME'];
  try {
    const { homedir } = userInfo();
    if (isAbsolute(homedir)) return homedir;
  } catch {
    // A user without an entry in the system's list, as in many containers.
  }
  throw new BadSettings(
    'ONMEMOS_DATA_DIR: there is no home folder for the data; set it to a folder that you may write',
  );
};

const defaultDataDir = (env: NodeJS.ProcessEnv): string => {
  const base = env['XDG_DATA_HOME'];
  if (base && isAbsolute(base)) return join(base, 'onmemos');
  return join(homeOf(env), '.local', 'share', 'onmemos');
};

/** @throws BadSettings with one sentence for each invalid setting */
export const readSettings = (env: NodeJS.ProcessEnv): StandaloneSettings => {
  const read = Schema.safeParse(givenIn(env));
  if (!read.success) {
    throw new BadSettings(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const dataDir = resolve(read.data.ONMEMOS_DATA_DIR ?? defaultDataDir(env));
  if (/^\/(proc|sys|dev)(\/|$)/.test(dataDir))
    throw new BadSettings(`ONMEMOS_DATA_DIR: no files can be created in ${dataDir}`);
  return { ...read.data, ONMEMOS_DATA_DIR: dataDir };
};

/** Settings of clients, which a server’s environment may have too, and what it sets for itself. */
const NOT_OURS = [
  'API_KEY',
  'BASE_URL',
  'USER',
  'WORKSPACE',
  'CONFIG',
  'PROFILE',
  'SANDBOX',
  'DEBUG',
  'SIGNALS',
  'ARCH',
  'TEST_URL',
  'TEST_KEY',
].map((name) => `ONMEMOS_${name}`);

/** Warnings about variables that are no setting. Without a warning they would have no effect and no message. */
export const misspeltSettings = (
  env: NodeJS.ProcessEnv,
  shape: object = Schema.shape,
  list = '`--help` lists them.',
): readonly string[] =>
  Object.keys(env).flatMap((name) => {
    if (!/^onmemos_/i.test(name) || Object.hasOwn(shape, name) || NOT_OURS.includes(name)) return [];
    const meant = meantBy(name, Object.keys(shape));
    return [`${name} is not a setting.${meant === null ? ` ${list}` : ` Did you mean ${meant}?`}`];
  });
