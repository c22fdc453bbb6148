import type { TaskPayload } from '#contract/tasks.ts';
import { auditToWire } from '../audit/list.ts';
import { writeAudit } from '../kernel/audit.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { audit, webhooks } from '../model/collections.ts';
import { afterDelivery, type Delivery, postMessage } from './post.ts';

/** Makes the queue deliver the task again, later each time. Says nothing of the address, which may hold a secret. */
class NotDelivered extends Error {
  override readonly name = 'NotDelivered';
}

/** Notes a try. @returns whether another one is to follow if this one failed */
const record = (deps: Deps, webhook_id: string, delivery: Delivery): Promise<boolean> =>
  transact(deps.store, async (draft) => {
    const hook = await draft.get(webhooks, webhook_id);
    if (!hook) return false;
    const after = afterDelivery(hook, delivery, deps.clock.now());
    draft.put(webhooks, webhook_id, after);
    if (after.paused_at !== null && hook.paused_at === null)
      writeAudit(deps, draft, systemCall('webhooks'), {
        action: 'webhook.paused',
        user: hook.user_id,
        target: webhook_id,
        detail: { failing_since: after.failing_since, error: delivery.error, status: delivery.status },
      });
    return after.paused_at === null;
  });

/**
 * Delivers a notice to one webhook. At least once: a crash between the answer and its record delivers it again, with
 * the same `webhook-id`. @throws Error if it is to be tried again
 */
export const deliverWebhook = async (
  deps: Deps,
  { webhook_id, entry_id }: TaskPayload<'webhook.deliver'>,
): Promise<void> => {
  const hook = (await deps.store.get(webhooks, webhook_id))?.data;
  if (!hook || hook.paused_at !== null) return;
  const entry = (await deps.store.get(audit, entry_id))?.data;
  if (!entry) return;
  const wire = auditToWire(entry);
  const type = String(entry.detail['kind']);
  const delivery = await postMessage(deps, hook, { id: entry_id, type, timestamp: entry.at, data: wire });
  if (delivery === null) throw new NotDelivered('too many deliveries are under way in this process');
  const goesOn = await record(deps, webhook_id, delivery);
  if (!delivery.success && goesOn)
    throw new NotDelivered(`the receiver did not take it: ${delivery.error} ${delivery.status ?? ''}`.trim());
};
