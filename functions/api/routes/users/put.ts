import { User, UserPut } from '#contract/entities/user.ts';
import { putUser } from '#services/users/put.ts';
import { jsonRoute } from '../../route.ts';

export const usersPut = jsonRoute({
  operation: 'users.put',
  summary: 'Set a user’s type, quota and budget',
  body: UserPut,
  response: User,
  handle: ({ deps, call, params, body }) => putUser(deps, call, { ...params, ...body }),
});
