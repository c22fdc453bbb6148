import type { OnMemOSClient, WebhookDelivery } from 'onmemos';
import { pickId } from '../../find.ts';

const WORDS: Readonly<Record<NonNullable<WebhookDelivery['error']>, string>> = {
  address_refused: 'its address is not on the internet; the operator can allow it (ONMEMOS_WEBHOOK_ALLOW)',
  name_not_found: 'its name leads nowhere',
  no_connection: 'nothing answered there, or the connection broke',
  tls: 'its certificate was refused',
  timeout: 'no answer within 10 seconds',
  redirect: 'it answered with a redirect, which is not followed',
  status: 'it did not answer with success',
};

/** What came of a delivery, in words. */
export const deliveryText = ({ success, status, error }: WebhookDelivery): string => {
  if (success) return `delivered (${status})`;
  const why = error === null ? 'it failed' : (WORDS[error] ?? error);
  return status === null ? why : `${why} (${status})`;
};

/** A webhook's whole id, from the beginning of it. @throws CliError not found, usage */
export const findWebhook = async (client: OnMemOSClient, typed: string): Promise<string> => {
  const ids = (await client.webhooks.list().all()).map(({ webhook_id }) => webhook_id);
  return pickId(typed, [ids], 'webhook', 'onmemos webhooks ls');
};

export const WEBHOOK_HELP = 'its id, or the beginning of its id';
