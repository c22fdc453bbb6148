import type { CallOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { Deleted, Webhook, WebhookCreate, WebhookDelivery, WebhookFilters } from '../types.ts';

/** Webhooks, to which the server sends the notices of a user. */
export class Webhooks {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Creates a webhook. Only this answer has `secret`. @throws Forbidden, Invalid, QuotaExceeded */
  create(body: WebhookCreate, options: CallOptions = {}): Promise<Webhook> {
    return this.#transport.json({ method: 'POST', path: '/v1/webhooks', body }, options);
  }

  /** The webhooks of the key’s user, or of any user for a key of any user. @throws Forbidden */
  list(filters: WebhookFilters = {}, options: PageOptions = {}): Listing<Webhook> {
    return listing(this.#transport, '/v1/webhooks', filters, options);
  }

  /** One webhook with its last delivery. @throws NotFound */
  get(webhook_id: string, options: CallOptions = {}): Promise<Webhook> {
    return this.#transport.json({ method: 'GET', path: path`/v1/webhooks/${webhook_id}` }, options);
  }

  /** Deletes a webhook. @throws NotFound */
  delete(webhook_id: string, options: CallOptions = {}): Promise<Deleted> {
    return this.#transport.json({ method: 'DELETE', path: path`/v1/webhooks/${webhook_id}` }, options);
  }

  /** Sends a test message once, and returns what came of it. A success resumes a paused webhook. @throws NotFound */
  test(webhook_id: string, options: CallOptions = {}): Promise<WebhookDelivery> {
    return this.#transport.json({ method: 'POST', path: path`/v1/webhooks/${webhook_id}/test` }, options);
  }

  /**
   * Gives a webhook a new secret, which only this answer has. For 24 hours the earlier one signs as well.
   * @throws NotFound
   */
  rotateSecret(webhook_id: string, options: CallOptions = {}): Promise<Webhook> {
    return this.#transport.json({ method: 'POST', path: path`/v1/webhooks/${webhook_id}/rotate-secret` }, options);
  }
}
