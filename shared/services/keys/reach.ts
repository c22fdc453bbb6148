import { isAdmin, keyOf } from '../kernel/access.ts';
import type { Actor } from '../kernel/call.ts';
import type { KeyDoc } from '../model/docs.ts';

/** Whether a key has at most the permissions of the actor, which can then see and revoke it. */
export const withinReach = (actor: Actor, key: KeyDoc): boolean => {
  const own = keyOf(actor);
  if (own === null || isAdmin(own)) return true;
  if (own.key_id === key.key_id) return true;
  if (own.user_id !== null && key.user_id !== own.user_id) return false;
  if (key.scopes.some((scope) => !own.scopes.includes(scope))) return false;
  if (own.session_id !== null && key.session_id !== own.session_id) return false;
  const { workspace } = own;
  return workspace === null || (key.workspace_id === workspace.workspace_id && key.workspace_owner === workspace.owner);
};
