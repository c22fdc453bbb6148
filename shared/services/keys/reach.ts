import { isAdmin } from '../kernel/access.ts';
import type { Actor } from '../kernel/call.ts';
import type { KeyDoc } from '../model/docs.ts';

/** Whether a key lies within the rights of the actor, and so may be seen and revoked by it. */
export const withinReach = (actor: Actor, key: KeyDoc): boolean => {
  if (actor.kind === 'system' || isAdmin(actor)) return true;
  if (actor.key_id === key.key_id) return true;
  if (actor.user_id !== null && key.user_id !== actor.user_id) return false;
  if (key.scopes.some((scope) => !actor.scopes.includes(scope))) return false;
  if (actor.session_id !== null && key.session_id !== actor.session_id) return false;
  const { workspace } = actor;
  return workspace === null || (key.workspace_id === workspace.workspace_id && key.workspace_owner === workspace.owner);
};
