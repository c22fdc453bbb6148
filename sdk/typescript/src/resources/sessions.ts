import { ownCreation } from '../ending/creations.ts';
import { endSession } from '../ending/sessions.ts';
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

/** Seconds that the server waits at most before it answers. */
const LONGEST_WAIT_S = 300;
/** Seconds that an end waits if `wait` is left out. */
const END_WAIT_S = 20;

/** Sessions, in which commands run. */
export class Sessions implements SessionCalls {
  readonly #transport: Transport;
  readonly #kit: SessionKit;

  constructor(transport: Transport, execs: Execs) {
    this.#transport = transport;
    this.#kit = { transport, sessions: this, execs };
  }

  /**
   * Creates a session and waits until it runs, at most `wait` seconds (default: the client's `wait`); after that it
   * returns the session as it is. `await using` ends the session with the block. If the call is aborted, a session that
   * it created is ended, unless an `idempotencyKey` was given.
   * @throws SessionFailed, EntitlementDenied, QuotaExceeded, StorageExceeded, BudgetExceeded, Invalid,
   * WorkspaceNotFound
   */
  async create(given: SessionCreate = {}, options: WaitOptions = {}): Promise<Session> {
    const body = this.#completed(given);
    const request = { method: 'POST', path: '/v1/sessions', query: { wait: 0 }, body } as const;
    const record = await ownCreation<SessionRecord>(this.#transport, request, options, {
      make: (call) => this.#created(body, call, options.wait ?? this.#transport.settings.wait),
      remove: (transport, { id }) => endSession(transport, id),
      costs: true,
    });
    if (record.status === 'failed') throw new SessionFailed(record);
    return new Session(this.#kit, record);
  }

  /** Sessions that have not ended or ended in the last 24 hours, newest first. */
  list(filters: SessionFilters = {}, options: PageOptions = {}): Listing<Session> {
    const make = (record: SessionRecord): Session => new Session(this.#kit, record);
    return listing(this.#transport, '/v1/sessions', filters, options, make);
  }

  /** One session, live or ended. @throws SessionNotFound */
  async get(id: string, options: CallOptions = {}): Promise<Session> {
    return new Session(this.#kit, await this.#call('GET', path`/v1/sessions/${id}`, options));
  }

  /**
   * Changes the time to live (minutes from now) and the labels.
   * @throws SessionNotFound, BudgetExceeded, Conflict beyond the longest life
   */
  async update(id: string, body: SessionUpdate, options: CallOptions = {}): Promise<Session> {
    const request = { method: 'PATCH', path: path`/v1/sessions/${id}`, body } as const;
    return new Session(this.#kit, await this.#transport.json<SessionRecord>(request, options));
  }

  /** Ends a session and waits up to `wait` seconds (default: 20) until its resources are gone. It may be repeated. */
  delete(id: string, options: WaitOptions = {}): Promise<Session> {
    return this.#end('DELETE', path`/v1/sessions/${id}`, options);
  }

  /** The same as {@link delete}. @throws SessionNotFound */
  terminate(id: string, options: WaitOptions = {}): Promise<Session> {
    return this.#end('POST', path`/v1/sessions/${id}/terminate`, options);
  }

  /** Ends a session without the grace period after TERM. @throws SessionNotFound */
  forceDelete(id: string, options: WaitOptions = {}): Promise<Session> {
    return this.#end('POST', path`/v1/sessions/${id}/force-delete`, options);
  }

  /** Estimates the cost of a session. @throws EntitlementDenied, Invalid, WorkspaceNotFound */
  estimate(given: SessionCreate = {}, options: CallOptions = {}): Promise<Estimate> {
    const body = this.#completed(given);
    return this.#transport.json({ method: 'POST', path: '/v1/sessions/estimate', body }, options);
  }

  /** Ends expired sessions of one user or of all (default). The server also does this by itself. */
  cleanup(user?: string | null, options: CallOptions = {}): Promise<Cleaned> {
    return this.#transport.json({ method: 'POST', path: '/v1/sessions/cleanup-expired', query: { user } }, options);
  }

  /** How to reach a session: its addresses and subprotocols. @throws SessionNotFound */
  connect(id: string, options: CallOptions = {}): Promise<SessionConnection> {
    return this.#call('GET', path`/v1/sessions/${id}/connect`, options);
  }

  /** Current use of a session: CPU in percent of one CPU, memory and disk in MiB. @throws SessionNotRunning */
  usage(id: string, options: CallOptions = {}): Promise<Usage> {
    return this.#call('GET', path`/v1/sessions/${id}/usage`, options);
  }

  /** Cost of a session so far and per hour. @throws SessionNotFound */
  cost(id: string, options: CallOptions = {}): Promise<SessionCost> {
    return this.#call('GET', path`/v1/sessions/${id}/cost`, options);
  }

  /** Events of a session, in order. @throws SessionNotFound */
  events(id: string, options: PageOptions = {}): Listing<AuditEvent> {
    return listing(this.#transport, path`/v1/sessions/${id}/events`, {}, options);
  }

  /** A ticket that replaces the key on one WebSocket of the session within 60 s. @throws SessionNotFound */
  ticket(id: string, options: CallOptions = {}): Promise<Ticket> {
    return this.#call('POST', path`/v1/sessions/${id}/ticket`, options);
  }

  /** Adds the default user. */
  #completed({ ...body }: SessionCreate): SessionCreate {
    const { user } = this.#transport.settings;
    if (user !== null) body.user ??= user;
    return body;
  }

  /** Creates the session and waits, in several calls if needed. They have one key and so create one session. */
  async #created(body: SessionCreate, call: CallOptions, wait: number): Promise<SessionRecord> {
    const until = performance.now() + wait * 1000;
    for (let left = wait; ; left = Math.max(0, (until - performance.now()) / 1000)) {
      const held = Math.min(left, LONGEST_WAIT_S);
      const request = { method: 'POST', path: '/v1/sessions', query: { wait: held }, body, holdSeconds: held } as const;
      const record = await this.#transport.json<SessionRecord>(request, call);
      if (record.status !== 'creating' || left <= LONGEST_WAIT_S) return record;
    }
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
