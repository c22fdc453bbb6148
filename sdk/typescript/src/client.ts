import type { CallOptions, ClientOptions, WaitOptions } from './options.ts';
import { Keys, Users } from './resources/accounts.ts';
import { Audit, CostReports, Packages, Providers } from './resources/catalogue.ts';
import { Execs } from './resources/execs.ts';
import { Sessions } from './resources/sessions.ts';
import { Members, Storages, Workspaces } from './resources/workspaces.ts';
import type { Session } from './session.ts';
import { settingsFrom } from './transport/settings.ts';
import { Transport } from './transport/transport.ts';
import type { Health, Info, SessionCreate } from './types.ts';

/**
 * A client of one OnMemOS server. What is not given is taken from `ONMEMOS_BASE_URL` and `ONMEMOS_API_KEY`, else from
 * the server that this machine runs (`server.json` and `admin.key` in its data folder), else it is
 * `http://127.0.0.1:8080`. Calls are made again after failures that may pass, each POST under one idempotency key.
 */
export class OnMemOSClient {
  /** Places to run commands in. */
  readonly sessions: Sessions;
  /** Commands in sessions. */
  readonly execs: Execs;
  /** Users’ named places with a package, storage and members. */
  readonly workspaces: Workspaces;
  /** Whom workspaces are shared with. */
  readonly members: Members;
  /** Volumes of workspaces. */
  readonly volumes: Storages;
  /** Buckets of workspaces. */
  readonly buckets: Storages;
  /** Users, their types, quotas and budgets. */
  readonly users: Users;
  /** API keys. */
  readonly keys: Keys;
  /** The resource packages and their prices. */
  readonly packages: Packages;
  /** What sessions can run on. */
  readonly providers: Providers;
  /** The ledger. */
  readonly costs: CostReports;
  /** Who did what. */
  readonly audit: Audit;
  readonly #transport: Transport;

  /** @throws OnMemOSError `invalid_option` */
  constructor(options: ClientOptions = {}) {
    const transport = new Transport(settingsFrom(options));
    this.#transport = transport;
    this.execs = new Execs(transport);
    this.sessions = new Sessions(transport, this.execs);
    this.workspaces = new Workspaces(transport);
    this.members = new Members(transport);
    this.volumes = new Storages(transport, 'volumes');
    this.buckets = new Storages(transport, 'buckets');
    this.users = new Users(transport);
    this.keys = new Keys(transport);
    this.packages = new Packages(transport);
    this.providers = new Providers(transport);
    this.costs = new CostReports(transport);
    this.audit = new Audit(transport);
  }

  /** The server that is called. */
  get baseUrl(): string {
    return this.#transport.settings.baseUrl;
  }

  /** The same as {@link Sessions.create}. */
  session(body: SessionCreate = {}, options: WaitOptions = {}): Promise<Session> {
    return this.sessions.create(body, options);
  }

  /** Whether the server is alive; needs no key. */
  health(options: CallOptions = {}): Promise<Health> {
    return this.#transport.json({ method: 'GET', path: '/health' }, options);
  }

  /** What the server is, and whom the key acts for. @throws Unauthenticated */
  info(options: CallOptions = {}): Promise<Info> {
    return this.#transport.json({ method: 'GET', path: '/' }, options);
  }
}
