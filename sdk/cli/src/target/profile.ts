import { usageError } from '../errors.ts';
import {
  type Config,
  DEFAULT_PROFILE,
  isProfileName,
  PROFILE_FIELDS,
  type Profile,
  type ProfileField,
} from './config.ts';
import { cleanUrl } from './resolve.ts';

/** The profile that a command of `config` changes or shows. @throws CliError usage if the name is not valid */
export const profileName = (config: Config, named: string | undefined): string => {
  const name = named ?? config.current ?? DEFAULT_PROFILE;
  if (!isProfileName(name))
    throw usageError(`"${name}" can’t be the name of a profile.`, 'Use letters, digits, dots and dashes.');
  return name;
};

/** @throws CliError usage */
export const profileField = (text: string): ProfileField => {
  const field = PROFILE_FIELDS.find((one) => one === text.replace('-', '_').toLowerCase());
  if (field) return field;
  throw usageError(`A profile has no field "${text}".`, `Its fields are ${PROFILE_FIELDS.join(', ')}.`);
};

/** A config with one profile changed. @throws CliError usage if the address is not valid */
export const withProfile = (config: Config, name: string, change: Profile): Config => {
  const checked = change.url === undefined ? change : { ...change, url: cleanUrl(change.url) };
  return { ...config, profiles: { ...config.profiles, [name]: { ...config.profiles[name], ...checked } } };
};

/** The id of a key, never its secret. */
export const keyHint = (key: string | undefined): string => {
  if (!key) return '-';
  const id = /^omk_(?<id>[^_]+)_/.exec(key)?.groups?.['id'];
  return id ? `${id} …` : '…';
};
