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

  /** All users, for an admin. @throws Forbidden */
  list(options: PageOptions = {}): Listing<User> {
    return listing(this.#transport, '/v1/users', {}, options);
  }

  /** One user. @throws NotFound */
  get(user_id: string, options: CallOptions = {}): Promise<User> {
    return this.#transport.json({ method: 'GET', path: path`/v1/users/${user_id}` }, options);
  }

  /** Makes a user, or changes what is given of one, for an admin. @throws Forbidden, Invalid */
  put(user_id: string, body: UserPut, options: CallOptions = {}): Promise<User> {
    return this.#transport.json({ method: 'PUT', path: path`/v1/users/${user_id}`, body }, options);
  }

  /** Deletes a user with sessions, workspaces and keys, for an admin. @throws Forbidden, NotFound */
  delete(user_id: string, options: CallOptions = {}): Promise<Deleted> {
    return this.#transport.json({ method: 'DELETE', path: path`/v1/users/${user_id}` }, options);
  }

  /** What a user may have, and what of it is used. @throws NotFound */
  entitlements(user_id: string, options: CallOptions = {}): Promise<Entitlements> {
    return this.#transport.json({ method: 'GET', path: path`/v1/users/${user_id}/entitlements` }, options);
  }
}

/** API keys. */
export class Keys {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes a key within the rights of the one that asks. The answer alone has its `secret`. @throws Forbidden, Invalid */
  create(body: KeyCreate, options: CallOptions = {}): Promise<Key> {
    return this.#transport.json({ method: 'POST', path: '/v1/keys', body }, options);
  }

  /** The keys within the rights of the one that asks, without their secrets. */
  list(options: PageOptions = {}): Listing<Key> {
    return listing(this.#transport, '/v1/keys', {}, options);
  }

  /** Revokes a key: the very next request with it is refused. @throws NotFound */
  revoke(key_id: string, options: CallOptions = {}): Promise<Key> {
    return this.#transport.json({ method: 'DELETE', path: path`/v1/keys/${key_id}` }, options);
  }
}
