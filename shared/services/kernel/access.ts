import { missingOrHidden, Problem } from '#contract/errors.ts';
import type { Role } from '#contract/entities/workspace.ts';
import type { Collection } from '#ports/store.ts';
import { memberKey, members, sessions, workspaceKey, workspaces } from '../model/collections.ts';
import type { SessionDoc, WorkspaceDoc } from '../model/docs.ts';
import type { Actor, Call, KeyActor } from './call.ts';

/** A reader of single documents: a draft, or the store itself. */
export interface Lookup {
  get<T>(collection: Collection<T>, id: string): Promise<T | null>;
}

/** The calling key; null for a job of the server. @throws Problem forbidden for an agent */
export const keyOf = (actor: Actor): KeyActor | null => {
  if (actor.kind === 'key') return actor;
  if (actor.kind === 'system') return null;
  throw new Problem('forbidden', 'An agent may only use the channel of its own session.');
};

/**
 * For operations that any key may call, and that check nothing else of the caller. @throws Problem forbidden for an
 * agent
 */
export const refuseAgents = (call: Call): void => {
  keyOf(call.actor);
};

/** Whether the actor may act for any user: jobs of the server, and keys that are bound to no user. */
export const actsForAnyone = (actor: Actor): boolean => {
  const key = keyOf(actor);
  return key === null || key.user_id === null;
};

/** The only workspace that a key can use; null if it is not restricted. */
export const confinementOf = (actor: Actor): KeyActor['workspace'] => keyOf(actor)?.workspace ?? null;

/** Whether the actor may do everything: jobs of the server, and unrestricted keys with the scope `admin`. */
export const isAdmin = (actor: Actor): boolean => {
  const key = keyOf(actor);
  if (key === null) return true;
  return key.user_id === null && key.workspace === null && key.session_id === null && key.scopes.includes('admin');
};

/** The user that a body names, otherwise the key’s user. @throws Problem forbidden, invalid */
export const actingUser = (call: Call, named: string | null | undefined, field: string): string => {
  const { actor } = call;
  if (actsForAnyone(actor)) {
    if (named) return named;
    throw new Problem('invalid', `${field}: name the user; this key may act for any user.`, {
      errors: [{ field, message: 'name the user; this key may act for any user' }],
    });
  }
  const own = keyOf(actor)?.user_id ?? null;
  if (own === null) throw new Problem('unauthenticated', 'This call has no user. Use a key that is bound to one.');
  if (named && named !== own)
    throw new Problem('forbidden', `This key acts for ${own}, not for ${named}. Use a key of ${named}.`);
  return own;
};

/** A user named in a path. Not found, if it is another user, or if it has no part in the key’s workspace. */
export const pathUser = (call: Call, userId: string): string => {
  const key = keyOf(call.actor);
  if (key === null) return userId;
  const only = key.user_id ?? key.workspace?.owner ?? userId;
  if (only !== userId) throw missingOrHidden('user', userId);
  return userId;
};

/** Whether the key is restricted to another workspace. */
const confinedElsewhere = (actor: Actor, key: string): boolean => {
  const only = confinementOf(actor);
  return only !== null && workspaceKey(only.owner, only.workspace_id) !== key;
};

/** The caller’s role in a workspace; null if it can’t see the workspace. */
export const roleIn = async (lookup: Lookup, call: Call, owner: string, workspaceId: string): Promise<Role | null> => {
  const { actor } = call;
  const key = workspaceKey(owner, workspaceId);
  if (confinedElsewhere(actor, key)) return null;
  if (actsForAnyone(actor)) return 'owner';
  const user = keyOf(actor)?.user_id ?? null;
  if (user === null) return null;
  if (user === owner) return 'owner';
  return (await lookup.get(members, memberKey(key, user)))?.role ?? null;
};

export interface WorkspaceAccess {
  readonly workspace: WorkspaceDoc;
  readonly role: Role;
}

const RANK: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, owner: 2 };
const NEEDS: Readonly<Record<Role, string>> = {
  viewer: 'Only members of this workspace may do this.',
  editor: 'A viewer may read this workspace and its sessions; ask its owner to make you an editor.',
  owner: 'Only the owner of this workspace may do this.',
};

const assertRole = (role: Role, needs: Role): void => {
  if (RANK[role] < RANK[needs]) throw new Problem('forbidden', NEEDS[needs]);
};

/**
 * A workspace in which the caller has the role `needs`. A deleted workspace is not found, except for its owner if
 * `deleted` is set (its storage stays visible). @throws Problem not_found, forbidden
 */
export const workspaceFor = async (
  lookup: Lookup,
  call: Call,
  owner: string,
  workspaceId: string,
  needs: Role,
  deleted: 'hidden' | 'shown' = 'hidden',
): Promise<WorkspaceAccess> => {
  const role = await roleIn(lookup, call, owner, workspaceId);
  if (!role) throw missingOrHidden('workspace', workspaceId);
  const workspace = await lookup.get(workspaces, workspaceKey(owner, workspaceId));
  const gone = workspace?.status === 'deleted' && (deleted === 'hidden' || role !== 'owner');
  if (!workspace || gone) throw missingOrHidden('workspace', workspaceId);
  assertRole(role, needs);
  refuseSessionKeys(call);
  return { workspace, role };
};

/** A session in whose workspace the caller has the role `needs`. @throws Problem not_found, forbidden */
export const sessionFor = async (lookup: Lookup, call: Call, id: string, needs: Role): Promise<SessionDoc> => {
  const only = keyOf(call.actor)?.session_id ?? null;
  const confined = only !== null && only !== id;
  const session = confined ? null : await lookup.get(sessions, id);
  const role = session ? await roleIn(lookup, call, session.workspace_owner, session.workspace_id) : null;
  if (!session || !role) throw missingOrHidden('session', id);
  assertRole(role, needs);
  return session;
};

/** Refuses keys that are restricted to one session: they create nothing and see no lists of others. */
export const refuseSessionKeys = (call: Call): void => {
  const only = keyOf(call.actor)?.session_id ?? null;
  if (only !== null)
    throw new Problem('forbidden', `This key is only for session ${only}. Use another key for anything else.`);
};
