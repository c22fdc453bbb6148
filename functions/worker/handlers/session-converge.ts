import type { TaskPayload } from '#contract/tasks.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { convergeSession } from '#services/sessions/converge.ts';

export const sessionConverge = (deps: Deps, payload: TaskPayload<'session.converge'>): Promise<void> =>
  convergeSession(deps, payload);
