import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { USER_TYPES } from '#contract/entities/user.ts';
import { editDistance } from '#domain/spelling.ts';

/**
 * Every setting of the standalone server, read once from the environment. The names contain the units.
 * An invalid value gives an error that names its variable; the server never silently uses the default instead.
 */
const flag = z.enum(['0', '1', 'true', 'false']).transform((value) => value === '1' || value === 'true');
/** A decimal number. Refuses blanks, which JavaScript reads as 0, and forms such as 0x10 or 1e3. */
const numeral = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'is not a number')
  .transform(Number);
const count = (least: number, most: number) => numeral.pipe(z.number().int().min(least).max(most));

const Schema = z.object({
  ONMEMOS_HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  ONMEMOS_PORT: count(0, 65_535).default(8080).describe('port to listen on; 0: any free one'),
  ONMEMOS_DATA_DIR: z.string().min(1).optional().describe('folder for all data (default: the user’s data folder)'),
  ONMEMOS_PUBLIC_URL: z.url().optional().describe('address by which clients reach it, if it is another one'),
  ONMEMOS_DEFAULT_USER_TYPE: z.enum(USER_TYPES).default('enterprise').describe('type of a user that no admin has set'),
  ONMEMOS_ISOLATION: z
    .enum(['auto', 'required', 'full', 'user', 'none'])
    .default('auto')
    .describe('isolation level; required: do not start without full or user'),
  ONMEMOS_NETWORK: z.enum(['auto', 'host', 'none']).default('auto').describe('network of the sessions'),
  ONMEMOS_POOL_SIZE: count(0, 256).default(2).describe('sandboxes kept ready, about 0.5 MB each'),
  ONMEMOS_STRICT_RESOURCES: flag.default(false).describe('refuse what this machine can’t honour instead of warning'),
  ONMEMOS_SHADOW_PROVIDER: z.enum(['gke', 'cloud_run']).optional().describe('price sessions as if they ran there'),
  ONMEMOS_REGION: z.string().min(1).default('us-central1').describe('region whose prices are used'),
  ONMEMOS_PRICES_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('JSON file of prices that replace built-in ones or add to them'),
  ONMEMOS_RATE_LIMIT_PER_SECOND: numeral
    .pipe(z.number().positive())
    .optional()
    .describe('requests per second of one key'),
  ONMEMOS_CORS_ORIGINS: z.string().default('').describe('origins whose pages may call, separated by commas'),
  ONMEMOS_LONGEST_LIFE_MINUTES: count(1, 1440).default(1440).describe('longest life of a session, extensions included'),
  ONMEMOS_START_TIMEOUT_SECONDS: count(1, 3600)
    .default(120)
    .describe('time that a session has to start; then it fails'),
  ONMEMOS_METER_PERIOD_SECONDS: count(1, 3600).default(60).describe('how often live sessions are observed and billed'),
  ONMEMOS_RETENTION_DAYS: numeral
    .pipe(z.number().min(0).max(365))
    .default(7)
    .describe('days that a deleted workspace’s data is kept'),
  ONMEMOS_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
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

export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

const defaultDataDir = (env: NodeJS.ProcessEnv): string => {
  const base = env['XDG_DATA_HOME'];
  if (base && isAbsolute(base)) return join(base, 'onmemos');
  return join(homedir(), '.local', 'share', 'onmemos');
};

/** @throws BadSettings with one sentence for each invalid setting */
export const readSettings = (env: NodeJS.ProcessEnv): StandaloneSettings => {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name.startsWith('ONMEMOS_') && value !== ''),
  );
  const read = Schema.safeParse(given);
  if (!read.success) {
    throw new BadSettings(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const dataDir = resolve(read.data.ONMEMOS_DATA_DIR ?? defaultDataDir(env));
  if (/^\/(proc|sys|dev)(\/|$)/.test(dataDir))
    throw new BadSettings(`ONMEMOS_DATA_DIR: no files can be created in ${dataDir}`);
  return { ...read.data, ONMEMOS_DATA_DIR: dataDir };
};

/**
 * Warnings about variables that are probably misspelt settings. Without a warning they would have no effect and no
 * message.
 */
export const misspeltSettings = (env: NodeJS.ProcessEnv): readonly string[] =>
  Object.keys(env).flatMap((name) => {
    if (!name.startsWith('ONMEMOS_') || Object.hasOwn(Schema.shape, name)) return [];
    const meant = Object.keys(Schema.shape).find((setting) => editDistance(name, setting) <= 2);
    return meant === undefined ? [] : [`${name} is not a setting. Did you mean ${meant}?`];
  });
