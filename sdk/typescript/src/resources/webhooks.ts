import { createWithSecret, type Secret } from '../ending/secrets.ts';
import type { CallOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import { path } from '../transport/path.ts';
import { withHiddenSecret } from '../shown.ts';
import type { Transport } from '../transport/transport.ts';
import type { Deleted, Webhook, WebhookCreate, WebhookDelivery, WebhookFilters } from '../types.ts';

const WEBHOOK: Secret<Webhook> = {
  noun: 'webhook',
  route: 'webhooks',
  removed: 'deleted',
  idOf: ({ webhook_id }) => webhook_id,
};

/** Webhooks, to which the server sends the notices of a user. */
export class Webhooks {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Creates a webhook. Only this answer has `secret`: `hook.secret` reads it, and the console and `JSON.stringify(hook)`
   * do not show it. If the call is aborted, a webhook that it created is deleted, unless an `idempotencyKey` was given.
   * @throws Forbidden, Invalid, QuotaExceeded, SecretLost
   */
  create(body: WebhookCreate, options: CallOptions = {}): Promise<Webhook> {
    return createWithSecret(this.#transport, WEBHOOK, body, options);
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
  async rotateSecret(webhook_id: string, options: CallOptions = {}): Promise<Webhook> {
    const request = { method: 'POST', path: path`/v1/webhooks/${webhook_id}/rotate-secret` } as const;
    return withHiddenSecret(await this.#transport.json<Webhook>(request, options));
  }
}
