import type { z } from 'zod';
import type { User } from '#contract/entities/user.ts';
import { ENTITLEMENTS } from '#domain/entitlements.ts';
import { usd } from '#domain/money.ts';
import type { UserDoc } from '../model/docs.ts';

export const sessionLimit = (user: UserDoc): number =>
  user.max_concurrent_sessions ?? ENTITLEMENTS[user.user_type].concurrent_sessions;

export const userToWire = (user: UserDoc): z.infer<typeof User> => ({
  user_id: user.user_id,
  user_type: user.user_type,
  max_concurrent_sessions: sessionLimit(user),
  monthly_budget_usd: user.monthly_budget_nano === null ? null : usd(user.monthly_budget_nano),
  budget_action: user.budget_action,
  created_at: user.created_at,
});
