import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { CliError } from '../errors.ts';
import { makeFolder } from './folder.ts';
import { homeOf } from './home.ts';

export interface Profile {
  readonly url?: string;
  readonly api_key?: string;
  /** The user of new sessions, if the key may act for any user. */
  readonly user?: string;
  readonly workspace?: string;
}

export interface Config {
  readonly current?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

export const PROFILE_FIELDS = ['url', 'api_key', 'user', 'workspace'] as const;
export type ProfileField = (typeof PROFILE_FIELDS)[number];
export const DEFAULT_PROFILE = 'default';

/** The file with the profiles; null if there is no home folder. */
export const configPath = (env: NodeJS.ProcessEnv = process.env): string | null => {
  const base = env['XDG_CONFIG_HOME'];
  if (base && isAbsolute(base)) return join(base, 'onmemos', 'config.json');
  const home = homeOf(env);
  return home === null ? null : join(home, '.config', 'onmemos', 'config.json');
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A person types the name, so it has no space and no character that a shell interprets. */
export const isProfileName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);

const profileOf = (value: unknown): Profile =>
  Object.fromEntries(
    PROFILE_FIELDS.flatMap((field) => {
      const text = isRecord(value) ? value[field] : undefined;
      return typeof text === 'string' && text !== '' ? [[field, text]] : [];
    }),
  );

/** @throws CliError if the file exists but can't be read */
export const readConfig = async (path: string | null = configPath()): Promise<Config> => {
  if (path === null) return { profiles: {} };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A part of the path that is no folder, such as HOME=/dev/null, has no profiles either.
    if (code === 'ENOENT' || code === 'ENOTDIR') return { profiles: {} };
    throw new CliError(`${path} can’t be read: ${message}`, {
      hint: 'Set HOME or XDG_CONFIG_HOME to a folder of your own, or set both ONMEMOS_BASE_URL and ONMEMOS_API_KEY.',
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliError(`${path} is not valid JSON.`, {
      hint: 'Fix it, or delete it and run `onmemos login`.',
      cause: error,
    });
  }
  const { current, profiles } = isRecord(value) ? value : {};
  return {
    ...(typeof current === 'string' ? { current } : {}),
    profiles: Object.fromEntries(
      Object.entries(isRecord(profiles) ? profiles : {}).map(([name, profile]) => [name, profileOf(profile)]),
    ),
  };
};

/** Replaces the file in one step, readable only by its owner because it has keys. */
export const writeConfig = async (config: Config, path: string | null = configPath()): Promise<void> => {
  if (path === null) {
    throw new CliError('There is no home folder to save a profile in.', {
      hint: 'Set HOME, or XDG_CONFIG_HOME to a folder that you may write; or use ONMEMOS_BASE_URL and ONMEMOS_API_KEY.',
    });
  }
  const fresh = `${path}.${process.pid}.new`;
  try {
    makeFolder(dirname(path), 0o700);
    await writeFile(fresh, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await chmod(fresh, 0o600);
    await rename(fresh, path);
  } catch (error) {
    throw new CliError(`${path} can’t be written: ${(error as Error).message}`, {
      hint: 'Set XDG_CONFIG_HOME to a folder that you may write.',
      cause: error,
    });
  } finally {
    // What can't be removed was not made; the error above says why.
    await rm(fresh, { force: true }).catch(() => {});
  }
};
