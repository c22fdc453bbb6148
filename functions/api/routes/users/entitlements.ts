import { Entitlements } from '#contract/entities/user.ts';
import { getEntitlements } from '#services/users/entitlements.ts';
import { jsonRoute } from '../../route.ts';

export const usersEntitlements = jsonRoute({
  operation: 'users.entitlements',
  summary: 'Read a user’s limits and what is used of them',
  response: Entitlements,
  handle: ({ deps, call, params }) => getEntitlements(deps, call, params),
});
