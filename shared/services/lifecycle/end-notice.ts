import type { TaskPayload } from '#contract/tasks.ts';
import { hashedName } from '#domain/names.ts';
import { endNoticeAt } from '#domain/notices.ts';
import { epochMs } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { SessionDoc } from '../model/docs.ts';

/**
 * The task that tells of a session's end before it comes; each change of the end enqueues one of its own, and the
 * earlier one does nothing.
 * @returns false if the queue did not take it: then an intent of the session stays open, and the next step tries again
 */
export const enqueueEndNotice = async (deps: Deps, session: SessionDoc): Promise<boolean> => {
  const { id: session_id, created_at, expires_at } = session;
  const at = endNoticeAt(epochMs(created_at), epochMs(expires_at));
  if (at === null) return true;
  const payload: TaskPayload<'session.notice'> = { v: 1, session_id, expires_at };
  try {
    await deps.queue.enqueue({ name: hashedName('ntc', session_id, expires_at), task: 'session.notice', payload, at });
    return true;
  } catch (error) {
    deps.log.warn({ session_id, err: error }, 'the notice of an end was not enqueued; its intent stays open');
    return false;
  }
};
