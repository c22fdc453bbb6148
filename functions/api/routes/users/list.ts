import { PageQuery } from '#contract/entities/common.ts';
import { User } from '#contract/entities/user.ts';
import { listUsers } from '#services/users/list.ts';
import { listRoute } from '../../route.ts';

export const usersList = listRoute({
  operation: 'users.list',
  summary: 'List users',
  query: PageQuery,
  item: User,
  handle: ({ deps, call, query }) => listUsers(deps, call, query),
});
