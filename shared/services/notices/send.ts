import { NOTICE, NOTICE_KINDS } from '#contract/entities/event.ts';
import type { TaskPayload } from '#contract/tasks.ts';
import { hashedName } from '#domain/names.ts';
import type { Deps } from '../kernel/deps.ts';
import { enqueueDeliveries } from '../kernel/notices.ts';
import { audit } from '../model/collections.ts';

/** How often the entry is looked for, in pauses that double: about two minutes. */
const MOST_LOOKS = 6;
const PAUSE_MS = 4_000;

/**
 * Hands a notice of its owner to the webhooks. The task is enqueued before the entry is committed: where the entry is
 * not there yet, it is looked for again, and after the last look it was never committed.
 */
export const sendNotice = async (deps: Deps, task: TaskPayload<'notice.send'>): Promise<void> => {
  const { entry_id, attempt } = task;
  const entry = (await deps.store.get(audit, entry_id))?.data;
  if (!entry) {
    if (attempt >= MOST_LOOKS) return;
    const payload: TaskPayload<'notice.send'> = { v: 1, entry_id, attempt: attempt + 1 };
    const name = hashedName('snd', entry_id, String(attempt + 1));
    const at = deps.clock.now() + PAUSE_MS * 2 ** (attempt - 1);
    await deps.queue.enqueue({ name, task: 'notice.send', payload, at });
    return;
  }
  const kind = NOTICE_KINDS.find((each) => each === entry.detail['kind']);
  if (entry.action !== NOTICE || kind === undefined || entry.actor_user === null) return;
  await enqueueDeliveries(deps, { entry_id, kind, users: [entry.actor_user] });
};
