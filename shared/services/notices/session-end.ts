import type { TaskPayload } from '#contract/tasks.ts';
import { END_NOTICE_MS } from '#domain/notices.ts';
import { idAt } from '#platform/ids.ts';
import { epochMs } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { tellOnce } from './once.ts';

/** Tells that a session is about to end, unless its end was moved or has begun. */
export const noticeSessionEnd = (deps: Deps, task: TaskPayload<'session.notice'>): Promise<void> => {
  const { session_id, expires_at } = task;
  return tellOnce(deps, {
    session_id,
    kind: 'session.ending',
    // Its place among the entries is the instant at which it is due.
    entry_id: idAt('evt', epochMs(expires_at) - END_NOTICE_MS, session_id, expires_at, 'session.ending'),
    detail: { expires_at },
    isDue: ({ live_until }) => live_until === expires_at,
  });
};
