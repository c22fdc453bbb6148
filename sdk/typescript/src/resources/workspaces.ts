import { ownCreation } from '../ending/creations.ts';
import type { CallOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { Deleted, Member, MemberPut, Storage, Workspace, WorkspaceCreate } from '../types.ts';

/** Options of the deletion of a workspace. */
export interface WorkspaceDeleteOptions extends CallOptions {
  /** End its sessions and delete its data at once (default: false, the data is kept for 7 days). */
  readonly force?: boolean | undefined;
}

/** Workspaces, by owner and id. */
export class Workspaces {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Creates a workspace. If the call is aborted, a workspace that it created is deleted, unless an `idempotencyKey` was
   * given.
   * @throws Conflict if it exists, EntitlementDenied, QuotaExceeded, Invalid
   */
  create(body: WorkspaceCreate, options: CallOptions = {}): Promise<Workspace> {
    return ownCreation<Workspace>(this.#transport, { method: 'POST', path: '/v1/workspaces', body }, options, {
      remove: (transport, { user_id, workspace_id }) =>
        transport.json({ method: 'DELETE', path: path`/v1/workspaces/${user_id}/${workspace_id}` }),
    });
  }

  /** Workspaces of a user, including those that others share with the user. */
  list(user_id: string, options: PageOptions = {}): Listing<Workspace> {
    return listing(this.#transport, path`/v1/workspaces/${user_id}`, {}, options);
  }

  /** One workspace. @throws WorkspaceNotFound */
  get(user_id: string, workspace_id: string, options: CallOptions = {}): Promise<Workspace> {
    return this.#transport.json({ method: 'GET', path: path`/v1/workspaces/${user_id}/${workspace_id}` }, options);
  }

  /**
   * Deletes a workspace. Its volumes and buckets are kept, and billed, until `retained_until` (7 days).
   * @throws WorkspaceNotFound, Conflict if it has live sessions and `force` is false
   */
  delete(user_id: string, workspace_id: string, options: WorkspaceDeleteOptions = {}): Promise<Deleted> {
    const query = { force: options.force === true ? 'true' : null };
    const target = path`/v1/workspaces/${user_id}/${workspace_id}`;
    return this.#transport.json({ method: 'DELETE', path: target, query }, options);
  }
}

/** Members of workspaces: users that they are shared with. */
export class Members {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The members of a workspace. @throws WorkspaceNotFound */
  list(user_id: string, workspace_id: string, options: PageOptions = {}): Listing<Member> {
    return listing(this.#transport, path`/v1/workspaces/${user_id}/${workspace_id}/members`, {}, options);
  }

  /** Adds a member or changes the role. @throws WorkspaceNotFound, EntitlementDenied if the owner may not share */
  put(
    user_id: string,
    workspace_id: string,
    member_id: string,
    body: MemberPut,
    options: CallOptions = {},
  ): Promise<Member> {
    const target = path`/v1/workspaces/${user_id}/${workspace_id}/members/${member_id}`;
    return this.#transport.json({ method: 'PUT', path: target, body }, options);
  }

  /** Removes a member. @throws NotFound */
  delete(user_id: string, workspace_id: string, member_id: string, options: CallOptions = {}): Promise<Deleted> {
    const target = path`/v1/workspaces/${user_id}/${workspace_id}/members/${member_id}`;
    return this.#transport.json({ method: 'DELETE', path: target }, options);
  }
}

/** Volumes, or buckets, of workspaces. */
export class Storages {
  readonly #transport: Transport;
  readonly #kind: 'volumes' | 'buckets';

  constructor(transport: Transport, kind: 'volumes' | 'buckets') {
    this.#transport = transport;
    this.#kind = kind;
  }

  /** All of a workspace, also of a deleted workspace whose data is kept. @throws WorkspaceNotFound */
  list(user_id: string, workspace_id: string, options: PageOptions = {}): Listing<Storage> {
    return listing(this.#transport, `${path`/v1/workspaces/${user_id}/${workspace_id}/`}${this.#kind}`, {}, options);
  }

  /** One volume (or bucket), with size and use in GB. @throws NotFound */
  get(user_id: string, workspace_id: string, name: string, options: CallOptions = {}): Promise<Storage> {
    return this.#transport.json({ method: 'GET', path: this.#one(user_id, workspace_id, name) }, options);
  }

  /** Deletes a volume (or bucket) and its data. @throws Conflict while a session mounts it, NotFound */
  delete(user_id: string, workspace_id: string, name: string, options: CallOptions = {}): Promise<Deleted> {
    return this.#transport.json({ method: 'DELETE', path: this.#one(user_id, workspace_id, name) }, options);
  }

  #one(user_id: string, workspace_id: string, name: string): string {
    return `${path`/v1/workspaces/${user_id}/${workspace_id}/`}${this.#kind}${path`/${name}`}`;
  }
}
