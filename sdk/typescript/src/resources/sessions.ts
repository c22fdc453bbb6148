import { SessionFailed } from '../errors.ts';
import type { SessionCalls, SessionKit } from '../kit.ts';
import type { CallOptions, WaitOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import { Session } from '../session.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type {
  AuditEvent,
  Cleaned,
  Estimate,
  SessionConnection,
  SessionCost,
  SessionCreate,
  SessionFilters,
  SessionRecord,
  SessionUpdate,
  Ticket,
  Usage,
} from '../types.ts';
import type { Execs } from './execs.ts';

/** The longest that one answer is held, seconds. */
const LONGEST_WAIT_S = 300;
/** What an end waits for by itself when no `wait` is said, seconds. */
const END_WAIT_S = 20;

/** Sessions: places to run commands in. */
export class Sessions implements SessionCalls {
  readonly #transport: Transport;
  readonly #kit: SessionKit;

  constructor(transport: Transport, execs: Execs) {
    this.#transport = transport;
    this.#kit = { transport, sessions: this, execs };
  }

  /**
   * Makes a session and waits until it runs, at most `wait` seconds (the client's, 60, when left out); after that it is
   * answered as it is. With `await using` it ends with the block. What an aborted create has made is ended, too, unless
   * it had an `idempotencyKey` by which it can be asked for again.
   * @throws SessionFailed, EntitlementDenied, QuotaExceeded, StorageExceeded, BudgetExceeded, Invalid, WorkspaceNotFound
   */
  async create(given: SessionCreate = {}, options: WaitOptions = {}): Promise<Session> {
    options.signal?.throwIfAborted();
    const body = this.#completed(given);
    const call = { ...options, idempotencyKey: options.idempotencyKey ?? crypto.randomUUID() };
    try {
      const record = await this.#created(body, call, options.wait ?? this.#transport.settings.wait);
      if (record.status === 'failed') throw new SessionFailed(record);
      return new Session(this.#kit, record);
    } catch (error) {
      // Under a key of the caller's own, the caller may be asking for the same session again already.
      const unknown = options.signal?.aborted && options.idempotencyKey === undefined;
      if (unknown) void this.#undo(body, call).catch(() => undefined);
      throw error;
    }
  }

  /** The sessions that the key may see, newest first: live ones, and those that ended within 24 hours. */
  list(filters: SessionFilters = {}, options: PageOptions = {}): Listing<Session> {
    const make = (record: SessionRecord): Session => new Session(this.#kit, record);
    return listing(this.#transport, '/v1/sessions', filters, options, make);
  }

  /** One session, also one that has ended. @throws SessionNotFound */
  async get(id: string, options: CallOptions = {}): Promise<Session> {
    return new Session(this.#kit, await this.#call('GET', path`/v1/sessions/${id}`, options));
  }

  /** Changes the time to live (minutes from now) and labels. @throws SessionNotFound, Conflict past the longest life */
  async update(id: string, body: SessionUpdate, options: CallOptions = {}): Promise<Session> {
    const request = { method: 'PATCH', path: path`/v1/sessions/${id}`, body } as const;
    return new Session(this.#kit, await this.#transport.json<SessionRecord>(request, options));
  }

  /** Ends a session and waits until its resources are gone, 20 s unless `wait` says otherwise. Twice is fine. */
  delete(id: string, options: WaitOptions = {}): Promise<Session> {
    return this.#end('DELETE', path`/v1/sessions/${id}`, options);
  }

  /** The same as {@link delete}. @throws SessionNotFound */
  terminate(id: string, options: WaitOptions = {}): Promise<Session> {
    return this.#end('POST', path`/v1/sessions/${id}/terminate`, options);
  }

  /** Ends a session without asking its commands to end first. @throws SessionNotFound */
  forceDelete(id: string, options: WaitOptions = {}): Promise<Session> {
    return this.#end('POST', path`/v1/sessions/${id}/force-delete`, options);
  }

  /** What a session would cost, before it is made. @throws EntitlementDenied, Invalid, WorkspaceNotFound */
  estimate(given: SessionCreate = {}, options: CallOptions = {}): Promise<Estimate> {
    const body = this.#completed(given);
    return this.#transport.json({ method: 'POST', path: '/v1/sessions/estimate', body }, options);
  }

  /** Ends sessions that have expired but were not ended yet, of one user or of all. */
  cleanup(user?: string | null, options: CallOptions = {}): Promise<Cleaned> {
    return this.#transport.json({ method: 'POST', path: '/v1/sessions/cleanup-expired', query: { user } }, options);
  }

  /** How a session can be reached. @throws SessionNotFound */
  connect(id: string, options: CallOptions = {}): Promise<SessionConnection> {
    return this.#call('GET', path`/v1/sessions/${id}/connect`, options);
  }

  /** What a session uses, measured now. @throws SessionNotRunning */
  usage(id: string, options: CallOptions = {}): Promise<Usage> {
    return this.#call('GET', path`/v1/sessions/${id}/usage`, options);
  }

  /** What a session has cost so far, and its rate per hour. @throws SessionNotFound */
  cost(id: string, options: CallOptions = {}): Promise<SessionCost> {
    return this.#call('GET', path`/v1/sessions/${id}/cost`, options);
  }

  /** What happened to a session, in order. @throws SessionNotFound */
  events(id: string, options: PageOptions = {}): Listing<AuditEvent> {
    return listing(this.#transport, path`/v1/sessions/${id}/events`, {}, options);
  }

  /** A one-use ticket that opens a WebSocket of this session within 60 s, with the key's own rights. */
  ticket(id: string, options: CallOptions = {}): Promise<Ticket> {
    return this.#call('POST', path`/v1/sessions/${id}/ticket`, options);
  }

  /** Who it is for, where nobody was named; a size of storage asks for that storage. */
  #completed({ ...body }: SessionCreate): SessionCreate {
    const { user } = this.#transport.settings;
    if (user !== null) body.user ??= user;
    if (body.persistent_storage_size_gb !== undefined) body.request_persistent_storage ??= true;
    if (body.bucket_size_gb !== undefined) body.request_bucket ??= true;
    return body;
  }

  /** Makes it, and waits in as many calls as that takes: under one key they mean one session. */
  async #created(body: SessionCreate, call: CallOptions, wait: number): Promise<SessionRecord> {
    const until = Date.now() + wait * 1000;
    for (let left = wait; ; left = Math.max(0, (until - Date.now()) / 1000)) {
      const held = Math.min(left, LONGEST_WAIT_S);
      const request = { method: 'POST', path: '/v1/sessions', query: { wait: held }, body, holdSeconds: held } as const;
      const record = await this.#transport.json<SessionRecord>(request, call);
      if (record.status !== 'creating' || left <= LONGEST_WAIT_S) return record;
    }
  }

  /** Ends what a create that was given up may have made: nobody else knows its id. */
  async #undo(body: SessionCreate, { idempotencyKey }: CallOptions): Promise<void> {
    const { id } = await this.#created(body, { idempotencyKey }, 0);
    await this.delete(id, { wait: 0 });
  }

  #call<T>(method: 'GET' | 'POST', target: string, options: CallOptions): Promise<T> {
    return this.#transport.json({ method, path: target }, options);
  }

  async #end(method: 'DELETE' | 'POST', target: string, options: WaitOptions): Promise<Session> {
    const holdSeconds = options.wait ?? END_WAIT_S;
    const request = { method, path: target, query: { wait: options.wait }, holdSeconds } as const;
    return new Session(this.#kit, await this.#transport.json<SessionRecord>(request, options));
  }
}
