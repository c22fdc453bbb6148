import { User } from '#contract/entities/user.ts';
import { getUser } from '#services/users/get.ts';
import { jsonRoute } from '../../route.ts';

export const usersGet = jsonRoute({
  operation: 'users.get',
  summary: 'Read a user',
  response: User,
  handle: ({ deps, call, params }) => getUser(deps, call, params),
});
