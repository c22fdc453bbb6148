import { missingOrHidden, Problem } from '#contract/errors.ts';
import { keyOf, type Lookup } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import { webhooks } from '../model/collections.ts';
import type { WebhookDoc } from '../model/docs.ts';

/**
 * Webhooks tell of all that a user has, so they are for keys that may see all of it.
 * @returns the only user whose webhooks the caller may use; null: any
 * @throws Problem forbidden for a key that is bound to a workspace or a session
 */
export const webhookUser = (call: Call): string | null => {
  const key = keyOf(call.actor);
  if (key === null) return null;
  if (key.workspace !== null || key.session_id !== null)
    throw new Problem('forbidden', 'Webhooks need a key that is bound to no workspace and no session. Use such a key.');
  return key.user_id;
};

/** A webhook that the caller may use. @throws Problem not_found, forbidden */
export const webhookFor = async (lookup: Lookup, call: Call, id: string): Promise<WebhookDoc> => {
  const only = webhookUser(call);
  const hook = await lookup.get(webhooks, id);
  if (!hook || (only !== null && hook.user_id !== only)) throw missingOrHidden('webhook', id);
  return hook;
};
