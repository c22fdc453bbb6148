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

  /** All packages, with size, the user types that may use each, and the price per hour at each provider. */
  list(options: PageOptions = {}): Listing<Package> {
    return listing(this.#transport, '/v1/packages', {}, options);
  }
}

/** Providers, on which sessions run. */
export class Providers {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All providers, with their abilities, or why one is not available. */
  list(options: PageOptions = {}): Listing<Provider> {
    return listing(this.#transport, '/v1/providers', {}, options);
  }
}

/** Costs in the ledger. */
export class CostReports {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Sums the costs between two instants in ISO 8601 (default: this UTC month), in groups.
   * @throws Forbidden, Invalid
   */
  report(filters: CostFilters = {}, options: CallOptions = {}): Promise<Costs> {
    return this.#transport.json({ method: 'GET', path: '/v1/costs', query: filters }, options);
  }
}

/** The audit log. */
export class Audit {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Entries of the audit log, newest first. A key that is not an admin key gets those of its own user. */
  list(filters: AuditFilters = {}, options: PageOptions = {}): Listing<AuditEvent> {
    return listing(this.#transport, '/v1/audit', filters, options);
  }
}
