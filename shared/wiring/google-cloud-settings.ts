import { z } from 'zod';
import { USER_TYPES } from '#contract/entities/user.ts';
import { originOf } from '#platform/values.ts';
import { address, BadSettings, count, givenIn, oneOf } from './setting-kinds.ts';
import { misspeltSettings, Schema as Standalone } from './settings.ts';

/** The deployable functions of Google Cloud. */
export const CLOUD_FUNCTIONS = ['api', 'worker', 'scheduler'] as const;
export type CloudFunction = (typeof CLOUD_FUNCTIONS)[number];

/** The address of a service, compared as a text with the audience of tokens. */
const service = z.string().refine((text) => originOf(text) === text, {
  message: 'must be the address of the service, such as https://worker-abc.a.run.app, without a path and an end slash',
});
/** Compared exactly with what a token has, and Google writes it in lower case: another spelling would refuse every caller. */
const account = z
  .string()
  .regex(/^[a-z0-9._-]+@[a-z0-9.-]+$/, 'must be the mail address of a service account, in lower case');
const name = (what: string) => z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, `must be ${what}`);
const socket = z
  .string()
  .regex(/^[^\s:/]+:\d{1,5}$/, 'must be a host and a port, such as 127.0.0.1:8085')
  .transform((text) => ({ host: text.slice(0, text.lastIndexOf(':')), port: Number(text.split(':').at(-1)) }));
/** What answers there decides who may call, so it must not be another machine. */
const ownMachine = z.string().refine(
  (text) => {
    return /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(URL.parse(text)?.hostname ?? '');
  },
  { message: 'must be an address of this machine: it is for tests' },
);

/** Every setting of a function, read once from the environment; an empty one counts as not given. */
export const Schema = Standalone.pick({
  ONMEMOS_STRICT_RESOURCES: true,
  ONMEMOS_SHADOW_PROVIDER: true,
  ONMEMOS_PRICES_FILE: true,
  ONMEMOS_RATE_LIMIT_PER_SECOND: true,
  ONMEMOS_CORS_ORIGINS: true,
  ONMEMOS_LONGEST_LIFE_MINUTES: true,
  ONMEMOS_START_TIMEOUT_SECONDS: true,
  ONMEMOS_RETENTION_DAYS: true,
  ONMEMOS_WEBHOOK_ALLOW: true,
  ONMEMOS_LOG_LEVEL: true,
}).extend({
  ONMEMOS_PUBLIC_URL: address.optional().describe('address by which clients reach the api'),
  PORT: count(0, 65_535).default(8080).describe('port to listen on; Cloud Run sets it'),
  ONMEMOS_HOST: z.string().min(1).default('0.0.0.0').describe('address to listen on'),
  ONMEMOS_PROJECT: z
    .string()
    .regex(/^[a-z][a-z0-9:.-]{4,62}$/, 'must be the id of a project')
    .optional()
    .describe('project that everything is in'),
  ONMEMOS_DATABASE: z
    .string()
    .regex(/^(\(default\)|[a-z][a-z0-9-]{2,62})$/, 'must be the name of a Firestore database')
    .default('(default)')
    .describe('Firestore database'),
  ONMEMOS_LOCATION: name('a location such as us-central1').optional().describe('location of the queues'),
  ONMEMOS_REGION: name('a region such as us-central1')
    .optional()
    .describe('region whose prices are used (default: ONMEMOS_LOCATION)'),
  ONMEMOS_QUEUE_PREFIX: name('letters, digits and hyphens')
    .default('onmemos-')
    .describe('beginning of the names of the queues, one for each task'),
  ONMEMOS_WORKER_URL: service.optional().describe('address of the worker, and the audience of tokens for it'),
  ONMEMOS_SCHEDULER_URL: service.optional().describe('address of the scheduler, and the audience of tokens for it'),
  ONMEMOS_TASKS_ACCOUNT: account.optional().describe('account by which Cloud Tasks calls the worker'),
  ONMEMOS_EVENTS_ACCOUNT: account.optional().describe('account by which Eventarc calls the worker'),
  ONMEMOS_SCHEDULE_ACCOUNT: account.optional().describe('account by which Cloud Scheduler calls the scheduler'),
  ONMEMOS_MAX_INSTANCES: count(1, 1000)
    .optional()
    .describe('greatest number of instances of the api, by which a rate limit is divided'),
  ONMEMOS_BUCKET_LOCATION: name('a location such as us-central1')
    .optional()
    .describe('location of new buckets (default: ONMEMOS_LOCATION)'),
  ONMEMOS_DEPLOYMENT: name('letters, digits and hyphens')
    .optional()
    .describe('name of this installation in names of buckets (default: ONMEMOS_PROJECT)'),
  ONMEMOS_KEYRING_FILE: z.string().min(1).optional().describe('file with the keyring; it is never made'),
  ONMEMOS_DEFAULT_USER_TYPE: oneOf(USER_TYPES).default('free').describe('type of a user that no admin has set'),
  ONMEMOS_DATA_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('folder of a keeper that runs on this machine, with its volumes; without one there are no sessions'),
  ONMEMOS_TASKS_ENDPOINT: socket.optional().describe('server that takes the place of Cloud Tasks in tests'),
  ONMEMOS_TOKEN_KEYS: ownMachine
    .optional()
    .describe('where the keys of tokens are served that take the place of Google’s in tests'),
  FIRESTORE_EMULATOR_HOST: z.string().min(1).optional().describe('Firestore emulator'),
  STORAGE_EMULATOR_HOST: z.string().min(1).optional().describe('server that takes the place of Cloud Storage in tests'),
});

type Read = z.infer<typeof Schema>;
type Required =
  | 'ONMEMOS_PROJECT'
  | 'ONMEMOS_LOCATION'
  | 'ONMEMOS_WORKER_URL'
  | 'ONMEMOS_TASKS_ACCOUNT'
  | 'ONMEMOS_KEYRING_FILE';
type Derived = 'ONMEMOS_REGION' | 'ONMEMOS_BUCKET_LOCATION' | 'ONMEMOS_DEPLOYMENT';

/** What every function has, and what one of them needs besides. */
export type CloudSettings = Omit<Read, Required | Derived> & { readonly [Name in Required | Derived]: string };

/** Every function opens the queue, and says with each task where it is delivered and by which account. */
const ALWAYS: readonly Required[] = [
  'ONMEMOS_PROJECT',
  'ONMEMOS_LOCATION',
  'ONMEMOS_WORKER_URL',
  'ONMEMOS_TASKS_ACCOUNT',
  'ONMEMOS_KEYRING_FILE',
];
const NEEDS: Readonly<Record<CloudFunction, readonly (keyof Read)[]>> = {
  api: ['ONMEMOS_PUBLIC_URL'],
  worker: ['ONMEMOS_EVENTS_ACCOUNT'],
  scheduler: ['ONMEMOS_SCHEDULER_URL', 'ONMEMOS_SCHEDULE_ACCOUNT'],
};
/** Settings of Google's libraries that we read too. */
const NOT_OURS = ['PORT', 'FIRESTORE_EMULATOR_HOST', 'STORAGE_EMULATOR_HOST'];

/** Each instance counts for itself. */
const unsharedLimit = (read: Read): readonly string[] =>
  read.ONMEMOS_RATE_LIMIT_PER_SECOND !== undefined && read.ONMEMOS_MAX_INSTANCES === undefined
    ? [
        'ONMEMOS_MAX_INSTANCES: must be set with ONMEMOS_RATE_LIMIT_PER_SECOND: each instance allows its share of the limit',
      ]
    : [];

const sharedAccount = (read: Read): readonly string[] => {
  const accounts = [read.ONMEMOS_TASKS_ACCOUNT, read.ONMEMOS_EVENTS_ACCOUNT, read.ONMEMOS_SCHEDULE_ACCOUNT];
  const given = accounts.filter((each) => each !== undefined);
  if (new Set(given).size === given.length) return [];
  return ['ONMEMOS_TASKS_ACCOUNT, ONMEMOS_EVENTS_ACCOUNT and ONMEMOS_SCHEDULE_ACCOUNT: must be different accounts'];
};

/** @throws BadSettings with one sentence for each setting that is missing or not valid */
export const readCloudSettings = (cloudFunction: CloudFunction, env: NodeJS.ProcessEnv): CloudSettings => {
  const given = givenIn(env, NOT_OURS);
  const missing = [...ALWAYS, ...NEEDS[cloudFunction]]
    .filter((setting) => given[setting] === undefined)
    .map((setting) => `${setting}: must be set: ${Schema.shape[setting].description}`);
  const read = Schema.safeParse(given);
  const invalid = read.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];
  const problems = [
    ...missing,
    ...invalid,
    ...(read.data ? [...sharedAccount(read.data), ...unsharedLimit(read.data)] : []),
  ];
  if (problems.length > 0 || !read.data) throw new BadSettings(problems.join('\n'));
  const settings = read.data as Read & { readonly [Name in Required]: string };
  return {
    ...settings,
    ONMEMOS_REGION: settings.ONMEMOS_REGION ?? settings.ONMEMOS_LOCATION,
    ONMEMOS_BUCKET_LOCATION: settings.ONMEMOS_BUCKET_LOCATION ?? settings.ONMEMOS_LOCATION,
    ONMEMOS_DEPLOYMENT: settings.ONMEMOS_DEPLOYMENT ?? settings.ONMEMOS_PROJECT,
  };
};

/** Every setting, and what it is. */
export const CLOUD_SETTINGS: readonly { readonly name: string; readonly what: string }[] = Object.entries(
  Schema.shape,
).map(([name, { description = '' }]) => ({ name, what: description }));

/** Warnings about variables that are no setting of a function. */
export const misspeltCloudSettings = (env: NodeJS.ProcessEnv): readonly string[] =>
  misspeltSettings(env, Schema.shape, 'docs/functions.md lists them.');
