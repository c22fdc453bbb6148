import type { CallOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { Deleted, Member, MemberPut, Storage, Workspace, WorkspaceCreate } from '../types.ts';

/** How a workspace is deleted. */
export interface WorkspaceDeleteOptions extends CallOptions {
  /** Ends its sessions and removes its data at once, where else it is kept for 7 days. */
  readonly force?: boolean | undefined;
}

/** Workspaces, by owner and id. */
export class Workspaces {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes a workspace. @throws Conflict where the owner has it, EntitlementDenied, QuotaExceeded */
  create(body: WorkspaceCreate, options: CallOptions = {}): Promise<Workspace> {
    return this.#transport.json({ method: 'POST', path: '/v1/workspaces', body }, options);
  }

  /** A user's workspaces, those shared with the user among them. */
  list(user_id: string, options: PageOptions = {}): Listing<Workspace> {
    return listing(this.#transport, path`/v1/workspaces/${user_id}`, {}, options);
  }

  /** One workspace. @throws WorkspaceNotFound */
  get(user_id: string, workspace_id: string, options: CallOptions = {}): Promise<Workspace> {
    return this.#transport.json({ method: 'GET', path: path`/v1/workspaces/${user_id}/${workspace_id}` }, options);
  }

  /**
   * Deletes a workspace; its volumes and buckets are kept, and billed, until `retained_until`.
   * @throws Conflict while sessions of it live, unless `force`
   */
  delete(user_id: string, workspace_id: string, options: WorkspaceDeleteOptions = {}): Promise<Deleted> {
    const query = { force: options.force === true ? 'true' : null };
    const target = path`/v1/workspaces/${user_id}/${workspace_id}`;
    return this.#transport.json({ method: 'DELETE', path: target, query }, options);
  }
}

/** Whom a workspace is shared with. */
export class Members {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The members of a workspace. @throws WorkspaceNotFound */
  list(user_id: string, workspace_id: string, options: PageOptions = {}): Listing<Member> {
    return listing(this.#transport, path`/v1/workspaces/${user_id}/${workspace_id}/members`, {}, options);
  }

  /** Shares a workspace with a user, or changes the role. @throws EntitlementDenied where the owner may not share */
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

  /** Ends the sharing with a user. @throws NotFound */
  delete(user_id: string, workspace_id: string, member_id: string, options: CallOptions = {}): Promise<Deleted> {
    const target = path`/v1/workspaces/${user_id}/${workspace_id}/members/${member_id}`;
    return this.#transport.json({ method: 'DELETE', path: target }, options);
  }
}

/** The volumes, or the buckets, of a workspace. */
export class Storages {
  readonly #transport: Transport;
  readonly #kind: 'volumes' | 'buckets';

  constructor(transport: Transport, kind: 'volumes' | 'buckets') {
    this.#transport = transport;
    this.#kind = kind;
  }

  /** All of a workspace, also of one deleted within 7 days. @throws WorkspaceNotFound */
  list(user_id: string, workspace_id: string, options: PageOptions = {}): Listing<Storage> {
    return listing(this.#transport, `${path`/v1/workspaces/${user_id}/${workspace_id}/`}${this.#kind}`, {}, options);
  }

  /** One, with what of it is used, GB. @throws NotFound */
  get(user_id: string, workspace_id: string, name: string, options: CallOptions = {}): Promise<Storage> {
    return this.#transport.json({ method: 'GET', path: this.#one(user_id, workspace_id, name) }, options);
  }

  /** Removes one and its data, for good. @throws Conflict while a session mounts it, NotFound */
  delete(user_id: string, workspace_id: string, name: string, options: CallOptions = {}): Promise<Deleted> {
    return this.#transport.json({ method: 'DELETE', path: this.#one(user_id, workspace_id, name) }, options);
  }

  #one(user_id: string, workspace_id: string, name: string): string {
    return `${path`/v1/workspaces/${user_id}/${workspace_id}/`}${this.#kind}${path`/${name}`}`;
  }
}
