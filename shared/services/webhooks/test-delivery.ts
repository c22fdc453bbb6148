import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { webhooks } from '../model/collections.ts';
import { afterDelivery, type Delivery, postMessage } from './post.ts';
import { webhookFor } from './reach.ts';

/** Sends a test message at once, a single try, and says what came of it. A success resumes a paused webhook. */
export const testWebhook = async (
  deps: Deps,
  call: Call,
  { webhook_id }: { webhook_id: string },
): Promise<Delivery> => {
  const hook = await webhookFor(lookupIn(deps.store), call, webhook_id);
  const delivery = await postMessage(deps, hook, {
    id: deps.ids.next('evt'),
    type: 'webhook.test',
    timestamp: iso(deps.clock.now()),
    data: { webhook_id, user_id: hook.user_id },
  });
  if (delivery === null)
    throw new Problem('unavailable', 'Too many deliveries are under way. Try again in a few seconds.');
  await transact(deps.store, async (draft) => {
    const now = await webhookFor(draft, call, webhook_id);
    draft.put(webhooks, webhook_id, afterDelivery(now, delivery, deps.clock.now()));
    writeAudit(deps, draft, call, {
      target: webhook_id,
      detail: { user_id: now.user_id, status: delivery.status, error: delivery.error },
    });
  });
  return delivery;
};
