import type { z } from 'zod';
import type { Webhook } from '#contract/entities/webhook.ts';
import { iso } from '#ports/clock.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { webhooks } from '../model/collections.ts';
import type { WebhookDoc } from '../model/docs.ts';
import { webhookFor } from './reach.ts';
import { newWebhookSecret } from './secret.ts';
import { webhookToWire } from './wire.ts';

/** A replaced secret signs for so long, beside the new one. */
const OVERLAP_MS = 24 * 3_600_000;
/** So that a repeat of a call whose answer was lost does not end the secret that the receiver has. */
const MOST_EARLIER = 3;

/** Gives a webhook a new secret, which only this answer has. Earlier ones go on signing for a day. */
export const rotateWebhookSecret = async (
  deps: Deps,
  call: Call,
  { webhook_id }: { webhook_id: string },
): Promise<z.infer<typeof Webhook>> => {
  const secret = await newWebhookSecret(deps, await webhookFor(lookupIn(deps.store), call, webhook_id));
  return transact(deps.store, async (draft) => {
    const hook = await webhookFor(draft, call, webhook_id);
    const now = deps.clock.now();
    const open = hook.earlier_secrets.filter(({ until }) => until > iso(now));
    // The oldest are kept: one of them is the receiver’s, and the later ones may never have been seen.
    const earlier = [...open, { sealed: hook.secret_sealed, until: iso(now + OVERLAP_MS) }].slice(0, MOST_EARLIER);
    const after: WebhookDoc = { ...hook, secret_sealed: secret.sealed, earlier_secrets: earlier };
    draft.put(webhooks, webhook_id, after);
    writeAudit(deps, draft, call, { target: webhook_id, detail: { user_id: hook.user_id } });
    return { ...webhookToWire(after), secret: secret.presented };
  });
};
