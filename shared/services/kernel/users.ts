import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { userKey, users } from '../model/collections.ts';
import type { UserDoc } from '../model/docs.ts';
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

/** The user, made with the default type at first use. */
export const ensureUser = async (deps: Deps, draft: Draft, userId: string): Promise<UserDoc> => {
  const known = await draft.get(users, userKey(userId));
  if (known) return known;
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
