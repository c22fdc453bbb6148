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
  readonly sessions: Sessions;
  readonly execs: Execs;
  readonly workspaces: Workspaces;
  readonly members: Members;
  readonly volumes: Storages;
  readonly buckets: Storages;
  readonly users: Users;
  readonly keys: Keys;
  readonly packages: Packages;
  readonly providers: Providers;
  readonly costs: CostReports;
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
  session(body: SessionCreate, options: WaitOptions = {}): Promise<Session> {
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
