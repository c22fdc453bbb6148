import { createWithSecret, type Secret } from '../ending/secrets.ts';
import type { CallOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { Deleted, Entitlements, Key, KeyCreate, User, UserPut } from '../types.ts';

/** Users, their types, quotas and budgets. */
export class Users {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All users. Needs the scope `admin`. @throws Forbidden */
  list(options: PageOptions = {}): Listing<User> {
    return listing(this.#transport, '/v1/users', {}, options);
  }

  /** One user. Needs the scope `admin`. @throws NotFound, Forbidden */
  get(user_id: string, options: CallOptions = {}): Promise<User> {
    return this.#transport.json({ method: 'GET', path: path`/v1/users/${user_id}` }, options);
  }

  /** Creates a user, or changes the given fields. Needs the scope `admin`. @throws Forbidden, Invalid */
  put(user_id: string, body: UserPut, options: CallOptions = {}): Promise<User> {
    return this.#transport.json({ method: 'PUT', path: path`/v1/users/${user_id}`, body }, options);
  }

  /**
   * Deletes a user and revokes its keys. Needs the scope `admin`.
   * @throws Forbidden, Conflict if it has live sessions or workspaces
   */
  delete(user_id: string, options: CallOptions = {}): Promise<Deleted> {
    return this.#transport.json({ method: 'DELETE', path: path`/v1/users/${user_id}` }, options);
  }

  /** The limits of a user, and the use of each. @throws NotFound */
  entitlements(user_id: string, options: CallOptions = {}): Promise<Entitlements> {
    return this.#transport.json({ method: 'GET', path: path`/v1/users/${user_id}/entitlements` }, options);
  }
}

const KEY: Secret<Key> = { noun: 'key', route: 'keys', removed: 'revoked', idOf: ({ key_id }) => key_id };

/** API keys. */
export class Keys {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Creates a key with at most the permissions of the calling key. Only this answer has `secret`: `key.secret` reads it,
   * and the console and `JSON.stringify(key)` do not show it. If the call is aborted, a key that it created is revoked,
   * unless an `idempotencyKey` was given.
   * @throws Forbidden, Invalid, SecretLost
   */
  create(body: KeyCreate, options: CallOptions = {}): Promise<Key> {
    return createWithSecret(this.#transport, KEY, body, options);
  }

  /** The keys that the calling key can see, without their secrets. @throws Forbidden */
  list(options: PageOptions = {}): Listing<Key> {
    return listing(this.#transport, '/v1/keys', {}, options);
  }

  /** Revokes a key: it is refused from the next request on. @throws NotFound */
  revoke(key_id: string, options: CallOptions = {}): Promise<Key> {
    return this.#transport.json({ method: 'DELETE', path: path`/v1/keys/${key_id}` }, options);
  }
}
