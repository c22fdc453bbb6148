import type { CallOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import type { Transport } from '../transport/transport.ts';
import type { AuditEvent, AuditFilters, CostFilters, Costs, Package, Provider } from '../types.ts';

/** The resource packages. */
export class Packages {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All packages: sizes, who may use them, price per hour by provider. */
  list(options: PageOptions = {}): Listing<Package> {
    return listing(this.#transport, '/v1/packages', {}, options);
  }
}

/** What sessions can run on. */
export class Providers {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All providers: what each can do, and why one is off. */
  list(options: PageOptions = {}): Listing<Provider> {
    return listing(this.#transport, '/v1/providers', {}, options);
  }
}

/** The ledger. */
export class CostReports {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The ledger, summed over a span of time and grouped. Instants are ISO 8601. @throws Forbidden, Invalid */
  report(filters: CostFilters = {}, options: CallOptions = {}): Promise<Costs> {
    return this.#transport.json({ method: 'GET', path: '/v1/costs', query: filters }, options);
  }
}

/** Who did what. */
export class Audit {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The audit log, newest first: all of it for an admin, one's own entries for others. */
  list(filters: AuditFilters = {}, options: PageOptions = {}): Listing<AuditEvent> {
    return listing(this.#transport, '/v1/audit', filters, options);
  }
}
