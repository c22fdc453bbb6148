import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { keys, userKey, users } from '../model/collections.ts';
import type { UserDoc } from '../model/docs.ts';
import { keyOf } from './access.ts';
import type { Call } from './call.ts';
import type { Deps } from './deps.ts';
import type { Draft } from './draft.ts';

/** The defaults of a user that no admin has set. */
export const unknownUser = (deps: Deps, userId: string): UserDoc => ({
  user_id: userId,
  user_type: deps.settings.default_user_type,
  max_concurrent_sessions: null,
  monthly_budget_nano: null,
  budget_action: 'refuse',
  created_at: iso(deps.clock.now()),
});

/** The user, or the defaults where there is none. For what no caller asks for: a job makes no user. */
export const userOrDefaults = async (deps: Deps, draft: Draft, userId: string): Promise<UserDoc> =>
  (await draft.get(users, userKey(userId))) ?? unknownUser(deps, userId);

/**
 * A deletion revokes the user's keys, and a call that was authenticated before it must not bring the user back with the
 * default type and no budget. A key for one workspace alone, of no user, can't make its owner either: the workspace was
 * there when the key was made, so that its owner was deleted since.
 */
const refuseOfDeleted = async (draft: Draft, call: Call, userId: string): Promise<void> => {
  const caller = keyOf(call.actor);
  if (caller === null) return;
  const key = await draft.get(keys, caller.key_id);
  if (!key || key.revoked_at !== null) throw new Problem('unauthenticated', 'This key was revoked. Use another key.');
  if (key.user_id === null && key.workspace_owner === userId)
    throw new Problem(
      'forbidden',
      `User ${userId}, to whose workspace this key belongs, was deleted. Use another key.`,
    );
};

/**
 * The user, made with the default type at first use by this call. The key is read again only then.
 * @throws Problem unauthenticated, forbidden where the user of the key was deleted meanwhile
 */
export const ensureUser = async (deps: Deps, draft: Draft, call: Call, userId: string): Promise<UserDoc> => {
  const known = await draft.get(users, userKey(userId));
  if (known) return known;
  await refuseOfDeleted(draft, call, userId);
  const made = unknownUser(deps, userId);
  draft.create(users, userKey(userId), made);
  return made;
};

/** Nothing new is made for a user whose deletion has begun. @throws Problem conflict */
export const refuseDeleting = (user: UserDoc): UserDoc => {
  if (user.deleting === undefined) return user;
  throw new Problem(
    'conflict',
    `User ${user.user_id} is being deleted. Delete it again if that call was cut off, or PUT it to keep it.`,
  );
};
