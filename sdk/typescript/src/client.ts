import { inAudit, type NoticeOptions, NoticeWatch, type OnNotice } from './notices.ts';
import type { CallOptions, ClientOptions, WaitOptions } from './options.ts';
import { Keys, Users } from './resources/accounts.ts';
import { Audit, CostReports, Packages, Providers } from './resources/catalogue.ts';
import { Execs } from './resources/execs.ts';
import { Sessions } from './resources/sessions.ts';
import { Members, Storages, Workspaces } from './resources/workspaces.ts';
import { Webhooks } from './resources/webhooks.ts';
import type { Session } from './session.ts';
import { settingsFrom } from './transport/settings.ts';
import { Transport } from './transport/transport.ts';
import type { Health, Info, SessionCreate } from './types.ts';

/**
 * A client of one OnMemOS server. Address and key come from the options, then from `ONMEMOS_BASE_URL` and
 * `ONMEMOS_API_KEY`, then from the local server (`server.json` and `admin.key` in its data folder). The last default is
 * `http://127.0.0.1:8080`. Calls are repeated after temporary failures; each POST has an idempotency key.
 */
export class OnMemOSClient {
  /** Sessions. */
  readonly sessions: Sessions;
  /** Commands in sessions. */
  readonly execs: Execs;
  /** Workspaces. */
  readonly workspaces: Workspaces;
  /** Members of workspaces. */
  readonly members: Members;
  /** Volumes of workspaces. */
  readonly volumes: Storages;
  /** Buckets of workspaces. */
  readonly buckets: Storages;
  /** Users, their types, quotas and budgets. */
  readonly users: Users;
  /** API keys. */
  readonly keys: Keys;
  /** Webhooks, to which notices are sent. */
  readonly webhooks: Webhooks;
  /** The resource packages and their prices. */
  readonly packages: Packages;
  /** Providers, on which sessions run. */
  readonly providers: Providers;
  /** Costs in the ledger. */
  readonly costs: CostReports;
  /** The audit log. */
  readonly audit: Audit;
  readonly #transport: Transport;

  /** @throws OnMemOSError with code `invalid_option` if an option is invalid */
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
    this.webhooks = new Webhooks(transport);
    this.packages = new Packages(transport);
    this.providers = new Providers(transport);
    this.costs = new CostReports(transport);
    this.audit = new Audit(transport);
  }

  /** Address of the server. */
  get baseUrl(): string {
    return this.#transport.settings.baseUrl;
  }

  /** The same as {@link Sessions.create}. */
  session(body: SessionCreate = {}, options: WaitOptions = {}): Promise<Session> {
    return this.sessions.create(body, options);
  }

  /**
   * Calls `told` with each notice from now on: of the key’s user, or of `user`, or of all users for an admin key.
   * {@link Session.onNotice} tells of one session, from its beginning.
   */
  onNotice(told: OnNotice, options: NoticeOptions & { readonly user?: string | undefined } = {}): NoticeWatch {
    const { user } = options;
    const filters = { action: 'notice', ...(user === undefined ? {} : { user }) };
    const ask = inAudit((signal) => this.audit.list(filters, { signal, pageSize: 100 }));
    return new NoticeWatch(ask, told, options);
  }

  /** Checks that the server answers. Needs no key. @throws ConnectionFailed */
  health(options: CallOptions = {}): Promise<Health> {
    return this.#transport.json({ method: 'GET', path: '/health' }, options);
  }

  /** Version and kind of the server, and the user that the key acts for. @throws Unauthenticated */
  info(options: CallOptions = {}): Promise<Info> {
    return this.#transport.json({ method: 'GET', path: '/' }, options);
  }
}
