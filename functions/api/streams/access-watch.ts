import type { Role } from '#contract/entities/workspace.ts';
import type { Call } from '#services/kernel/call.ts';
import { checkAccess } from '#services/sessions/check-access.ts';
import type { ApiDeps } from '../deps.ts';

const EVERY_MS = 30_000;

/** The access that an open stream needs. */
export interface Access {
  readonly call: Call;
  readonly session_id: string;
  readonly needs: Role;
}

/** Checks every 30 s that the caller of an open stream still has access. @returns a function that stops it. */
export const watchAccess = (api: ApiDeps, { call, session_id, needs }: Access, lost: () => void): (() => void) => {
  let timer = api.clock.timer(EVERY_MS, () => void look());
  let stopped = false;
  const look = async (): Promise<void> => {
    // If the store can't be read now, the caller keeps access until the next check.
    const allowed = await checkAccess(api.deps, call, session_id, needs).catch(() => true);
    if (stopped) return;
    if (allowed) timer = api.clock.timer(EVERY_MS, () => void look());
    else lost();
  };
  return () => {
    stopped = true;
    timer.cancel();
  };
};
