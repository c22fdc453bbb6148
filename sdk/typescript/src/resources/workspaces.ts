import { ownCreation } from '../ending/creations.ts';
import { Forbidden, NotFound } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import { pause } from '../transport/backoff.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { Deleted, Member, MemberPut, Storage, Workspace, WorkspaceCreate } from '../types.ts';

/** Seconds that a forced deletion waits if `wait` is left out. */
const DELETE_WAIT_S = 60;
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1000;

/** Options of the deletion of a workspace. */
export interface WorkspaceDeleteOptions extends CallOptions {
  /** End its sessions and delete its data at once (default: false, the data is kept for 7 days). */
  readonly force?: boolean | undefined;
  /** With `force`: seconds to wait until the workspace is gone (default: 60). */
  readonly wait?: number | undefined;
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
   * Deletes a workspace. Its volumes and buckets are kept, and billed, until `retained_until` (7 days). With `force` it
   * waits until the sessions have ended and the workspace is gone, at most `wait` seconds.
   * @throws WorkspaceNotFound, Conflict if it has live sessions and `force` is false
   */
  async delete(user_id: string, workspace_id: string, options: WorkspaceDeleteOptions = {}): Promise<Deleted> {
    const { force = false, wait = DELETE_WAIT_S } = options;
    const query = { force: force ? 'true' : null };
    const target = path`/v1/workspaces/${user_id}/${workspace_id}`;
    const deleted = await this.#transport.json<Deleted>({ method: 'DELETE', path: target, query }, options);
    if (force) await this.#untilGone(user_id, workspace_id, wait * 1000, options);
    return deleted;
  }

  async #untilGone(user_id: string, workspace_id: string, mostMs: number, options: CallOptions): Promise<void> {
    const end = performance.now() + mostMs;
    for (let ms = FIRST_LOOK_MS; ; ms = Math.min(ms * 2, LONGEST_LOOK_MS)) {
      const left = end - performance.now();
      if (left <= 0 || !(await this.#isLeaving(user_id, workspace_id, options))) return;
      await pause(Math.min(ms, left), options.signal);
    }
  }

  /** Whether it is still there. One that is active was created again. */
  async #isLeaving(user_id: string, workspace_id: string, options: CallOptions): Promise<boolean> {
    try {
      return (await this.get(user_id, workspace_id, options)).status !== 'active';
    } catch (error) {
      // A key that may delete may lack the scope to read.
      if (error instanceof NotFound || error instanceof Forbidden) return false;
      throw error;
    }
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
