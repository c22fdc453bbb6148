import type { TaskPayload } from '#contract/tasks.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import { hashedName } from '#domain/names.ts';
import { idAt } from '#platform/ids.ts';
import { iso } from '#ports/clock.ts';
import type { Reclaim } from '#ports/compute.ts';
import type { Deps } from '../kernel/deps.ts';
import { tellOnce } from './once.ts';

/**
 * What a driver's `ReclaimHook` does: a durable task, which tells of it. A session has one such notice: a second
 * announcement is the name of the first.
 */
export const announceReclaim = async (deps: Deps, { session_id, at }: Reclaim): Promise<void> => {
  const payload: TaskPayload<'session.reclaim'> = {
    v: 1,
    session_id,
    announced_at: deps.clock.now(),
    ...(at === null ? {} : { reclaim_at: at }),
  };
  await deps.queue.enqueue({
    name: hashedName('rcl', session_id),
    task: 'session.reclaim',
    payload: payload as Readonly<Record<string, string | number>>,
  });
};

/** Tells that the provider takes the machine of a session back, unless the session is ending already. */
export const noticeReclaim = (deps: Deps, task: TaskPayload<'session.reclaim'>): Promise<void> =>
  tellOnce(deps, {
    session_id: task.session_id,
    kind: 'session.reclaiming',
    entry_id: idAt('evt', task.announced_at, task.session_id, 'session.reclaiming'),
    detail: { reclaim_at: task.reclaim_at === undefined ? null : iso(task.reclaim_at) },
    isDue: ({ status, end }) => !isTerminal(status) && end === null,
  });
