import type { TaskPayload } from '#contract/tasks.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { expireSession } from '#services/sessions/expire.ts';

export const sessionExpire = async (deps: Deps, payload: TaskPayload<'session.expire'>): Promise<void> => {
  await expireSession(deps, payload.session_id);
};
