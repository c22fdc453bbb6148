import { iso } from '#ports/clock.ts';
import type { Lookup } from '../kernel/access.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { accounts, users } from '../model/collections.ts';
import type { AccountDoc, UserDoc } from '../model/docs.ts';

/** What a user that nobody has described yet is. */
export const unknownUser = (deps: Deps, userId: string): UserDoc => ({
  user_id: userId,
  user_type: deps.settings.default_user_type,
  max_concurrent_sessions: null,
  monthly_budget_nano: null,
  budget_action: 'refuse',
  created_at: iso(deps.clock.now()),
});

const emptyAccount = (owner: string): AccountDoc => ({
  owner,
  live_sessions: 0,
  namespaces: {},
  workspaces: 0,
  months: {},
});

/** The user, made with the default type at first use. */
export const ensureUser = async (deps: Deps, draft: Draft, userId: string): Promise<UserDoc> => {
  const known = await draft.get(users, userId);
  if (known) return known;
  const made = unknownUser(deps, userId);
  draft.create(users, userId, made);
  return made;
};

export const accountOf = async (lookup: Lookup, owner: string): Promise<AccountDoc> =>
  (await lookup.get(accounts, owner)) ?? emptyAccount(owner);
