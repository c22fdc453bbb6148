import type { TaskPayload } from '#contract/tasks.ts';
import { hashedName } from '#domain/names.ts';
import { endNoticeAt } from '#domain/notices.ts';
import { epochMs } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { SessionDoc } from '../model/docs.ts';

/**
 * The task that tells of a session's end before it comes; each change of the end enqueues one of its own, and the
 * earlier one does nothing.
 */
export const enqueueEndNotice = async (deps: Deps, session: SessionDoc): Promise<void> => {
  const { id: session_id, created_at, expires_at } = session;
  const at = endNoticeAt(epochMs(created_at), epochMs(expires_at));
  if (at === null) return;
  const payload: TaskPayload<'session.notice'> = { v: 1, session_id, expires_at };
  await deps.queue.enqueue({ name: hashedName('ntc', session_id, expires_at), task: 'session.notice', payload, at });
};
