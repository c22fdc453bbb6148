import type { TaskPayload } from '#contract/tasks.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { purgeWorkspace } from '#services/workspaces/purge.ts';

export const workspacePurge = (deps: Deps, payload: TaskPayload<'workspace.purge'>): Promise<void> =>
  purgeWorkspace(deps, payload);
