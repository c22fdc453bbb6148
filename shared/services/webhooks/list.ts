import { pathUser } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { type PageInput, pageOfQuery } from '../kernel/pages.ts';
import { webhooks } from '../model/collections.ts';
import { webhookUser } from './reach.ts';
import { webhookToWire } from './wire.ts';

/** The webhooks of the caller’s user; of one or of all users for a key of any user. Never their secrets. */
export const listWebhooks = (deps: Deps, call: Call, input: PageInput & { readonly user?: string | undefined }) => {
  const only = webhookUser(call);
  const user_id = input.user === undefined ? only : pathUser(call, input.user);
  const query =
    user_id === null ? {} : { where: { user_id }, order: { field: 'webhook_id', direction: 'asc' } as const };
  return pageOfQuery(deps.store, webhooks, query, input, webhookToWire);
};
