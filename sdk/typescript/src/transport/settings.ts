import { OnMemOSError } from '../errors.ts';
import type { ClientOptions } from '../options.ts';
import { localServer } from './local.ts';
import { environment, userName } from './platform.ts';
import { addressOf, keyOf, userOf } from './values.ts';

/** Where calls go and how: options, environment and this machine's own server put together. */
export interface Settings {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey: string | null;
  /** Who sessions are for where a call does not say; null leaves it to the key. */
  readonly user: string | null;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** Seconds for which a server that has answered before is waited for. */
  readonly reconnectSeconds: number;
  /** Seconds. */
  readonly wait: number;
  readonly fetch: typeof globalThis.fetch;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** @throws OnMemOSError `invalid_option` where an option can't be used */
export const settingsFrom = (options: ClientOptions): Settings => {
  const given = options.baseUrl ?? environment('ONMEMOS_BASE_URL');
  const local = localServer();
  const baseUrl = checkedUrl(given ?? local.url ?? DEFAULT_URL);
  const apiKey = (options.apiKey ?? environment('ONMEMOS_API_KEY')) || null;
  // The machine's own admin key goes to the machine's own server and nowhere else.
  const own = apiKey === null && local.url !== null && sameServer(baseUrl, local.url);
  return {
    baseUrl,
    apiKey: checkedKey(own ? local.adminKey() : apiKey),
    // That key acts for any user, and on your own machine calls act as your OS user.
    user: checkedUser(options.user ?? environment('ONMEMOS_USER') ?? (own ? ownName() : null)),
    timeoutMs: atLeast('timeoutMs', options.timeoutMs ?? 30_000, 1),
    maxRetries: atLeast('maxRetries', options.maxRetries ?? 4, 0),
    reconnectSeconds: atLeast('reconnectSeconds', options.reconnectSeconds ?? 60, 0),
    wait: atLeast('wait', options.wait ?? 60, 0),
    fetch: options.fetch ?? ((...call) => globalThis.fetch(...call)),
  };
};

const refuse = (option: string, message: string): never => {
  throw new OnMemOSError({ code: 'invalid_option', message: `${option} ${message}`, hint: `Correct ${option}.` });
};

const atLeast = (option: string, value: number, least: number): number =>
  Number.isFinite(value) && value >= least ? value : refuse(option, `must be a number of at least ${least}`);

const ownName = (): string => {
  const name = userName();
  return (name === null ? null : userOf(name)) ?? 'me';
};

const checkedUrl = (text: string): string =>
  addressOf(text) ?? refuse('baseUrl', 'must be an address such as http://127.0.0.1:8080, without a user or a query');

const checkedKey = (key: string | null): string | null => {
  if (key === null || key.trim() === '') return null;
  return keyOf(key) ?? refuse('apiKey', 'is not a key: it has characters that no key has. Copy it again, in one piece');
};

const checkedUser = (user: string | null): string | null => {
  if (user === null || user.trim() === '') return null;
  return userOf(user) ?? refuse('user', 'has 1 to 128 characters, no slash, and no control or invisible characters');
};

const sameServer = (a: string, b: string): boolean => {
  const plain = (text: string): string => text.replace('//localhost:', '//127.0.0.1:').replace(/\/+$/, '');
  return plain(a) === plain(b);
};
