import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { webhooks } from '../model/collections.ts';
import { webhookFor } from './reach.ts';

/** Deletes a webhook with its secret. Deliveries that wait are dropped. */
export const deleteWebhook = (deps: Deps, call: Call, { webhook_id }: { webhook_id: string }) =>
  transact(deps.store, async (draft) => {
    const { user_id } = await webhookFor(draft, call, webhook_id);
    draft.delete(webhooks, webhook_id);
    writeAudit(deps, draft, call, { target: webhook_id, detail: { user_id } });
    return { deleted: true };
  });
