import { CliError, usageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { type Config, configPath, DEFAULT_PROFILE, type Profile, readConfig } from './config.ts';
import { dataDirOf, KEYLESS_HINT, keylessServer, liveServer, readAdminKey, runningServer } from './local.ts';

export interface TargetOptions {
  readonly url?: string;
  readonly profile?: string;
}

export interface Target {
  readonly url: string;
  readonly apiKey: string | undefined;
  /** Where the address was found, in words for people. */
  readonly from: string;
  /** The local server with its own admin key: calls act as the OS user. */
  readonly local: boolean;
  readonly user: string | undefined;
  readonly workspace: string | undefined;
}

const PROTOCOLS = new Set(['http:', 'https:']);

/** Blanks, line ends, invisible characters, and what the address of a server never has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern must find control characters
const NO_ADDRESS = /[\s\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff*?#]/;

/** An address without a slash at its end. @throws CliError usage */
export const cleanUrl = (text: string): string => {
  const typed = text.trim();
  const url = URL.parse(typed.includes('://') ? typed : `http://${typed}`);
  if (url === null || !PROTOCOLS.has(url.protocol) || NO_ADDRESS.test(typed)) {
    throw usageError(
      `"${text}" is not the address of a server.`,
      'It looks like http://127.0.0.1:8080 or https://onmemos.example.com.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      'The address must not contain a key.',
      'Save the key with `onmemos login`, or in ONMEMOS_API_KEY.',
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
};

const named = (config: Config, name: string): Profile => {
  const profile = config.profiles[name];
  if (profile) return profile;
  const known = Object.keys(config.profiles);
  throw usageError(
    `There is no profile "${name}".`,
    known.length > 0 ? `There are: ${known.join(', ')}.` : 'Create one with `onmemos login`.',
  );
};

interface FoundKey {
  readonly apiKey: string | undefined;
  /** It is the admin key that the local server has created. */
  readonly local: boolean;
}

/** A key for an address without one: from a profile with the same address, or of the local server. */
const keyFor = async (url: string, env: NodeJS.ProcessEnv): Promise<FoundKey> => {
  const config = await readConfig(configPath(env));
  const kept = Object.values(config.profiles).find((profile) => profile.url && cleanUrl(profile.url) === url);
  if (kept?.api_key) return { apiKey: kept.api_key, local: false };
  const dataDir = dataDirOf(env);
  const server = await runningServer(dataDir);
  // If its process has ended, another program may use the port now and must not get the key.
  const own = server !== null && cleanUrl(server.url) === url;
  const apiKey = own ? await readAdminKey(dataDir) : null;
  return { apiKey: apiKey ?? undefined, local: apiKey !== null };
};

const whoOf = (env: NodeJS.ProcessEnv, profile: Profile = {}): Pick<Target, 'user' | 'workspace'> => ({
  user: env['ONMEMOS_USER'] || profile.user,
  workspace: env['ONMEMOS_WORKSPACE'] || profile.workspace,
});

/** The profile in use. @throws CliError usage if it does not exist */
const currentProfile = (config: Config): { readonly name: string; readonly profile: Profile } => {
  const name = config.current ?? DEFAULT_PROFILE;
  return { name, profile: config.current === undefined ? (config.profiles[name] ?? {}) : named(config, name) };
};

/**
 * The server that was named: by --url, --profile, the environment, or the profile in use, in this order. Null if none
 * was named; then the local server is used.
 */
export const configuredTarget = async (
  options: TargetOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Target | null> => {
  // Read where it is needed: address and key of the environment work where the file can't be read.
  const read = (): Promise<Config> => readConfig(configPath(env));
  const envKey = env['ONMEMOS_API_KEY'] || undefined;
  const at = async (url: string, from: string, key: string | undefined, profile?: Profile): Promise<Target> => {
    const found = key ? { apiKey: key, local: false } : await keyFor(url, env);
    return { url, from, ...found, ...whoOf(env, profile) };
  };
  const profile = options.profile === undefined ? undefined : named(await read(), options.profile);
  if (options.url !== undefined) return at(cleanUrl(options.url), '--url', envKey, profile);
  if (profile) {
    if (profile.url) return at(cleanUrl(profile.url), `profile ${options.profile}`, profile.api_key ?? envKey, profile);
    throw usageError(
      `Profile "${options.profile}" has no address.`,
      `onmemos config set url ADDRESS --profile ${options.profile}`,
    );
  }
  const envUrl = env['ONMEMOS_BASE_URL'];
  if (envUrl) return at(cleanUrl(envUrl), 'ONMEMOS_BASE_URL', envKey);
  const current = currentProfile(await read());
  const { url, api_key } = current.profile;
  return url ? at(cleanUrl(url), `profile ${current.name}`, envKey ?? api_key, current.profile) : null;
};

export interface ResolveOptions {
  /** Starts the local server if none runs; null: that is an error. */
  readonly start: ((dataDir: string) => Promise<{ readonly url: string; readonly apiKey: string }>) | null;
}

/** The server to talk to. @throws CliError usage, unavailable */
export const resolveTarget = async (
  options: TargetOptions,
  { start }: ResolveOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Target> => {
  const configured = await configuredTarget(options, env);
  if (configured) return configured;
  const dataDir = dataDirOf(env);
  const envKey = env['ONMEMOS_API_KEY'] || undefined;
  const live = await liveServer(dataDir, envKey);
  const keyless = live ? null : await keylessServer(dataDir);
  if (keyless !== null) {
    throw new CliError(`A server runs at ${keyless}, but its key can’t be read in ${dataDir}.`, {
      exit: EXIT.denied,
      hint: KEYLESS_HINT,
    });
  }
  if (!live && !start) {
    throw new CliError('No server is set, and none runs on this machine.', {
      exit: EXIT.unavailable,
      hint: 'Start one with `onmemos run -- COMMAND`, or name one with `onmemos login`.',
    });
  }
  if (!live && dataDir === null) {
    throw new CliError('There is no home folder for the data of a local server.', {
      hint: 'Set HOME, or ONMEMOS_DATA_DIR to a folder that you may write; or name another server with --url.',
    });
  }
  const { url, apiKey } = live ?? (await (start as NonNullable<typeof start>)(dataDir as string));
  const { profile } = currentProfile(await readConfig(configPath(env)));
  return {
    url,
    apiKey: envKey ?? apiKey,
    from: live ? 'this machine' : 'this machine, started now',
    local: !envKey,
    ...whoOf(env, profile),
  };
};
