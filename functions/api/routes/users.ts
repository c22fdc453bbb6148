import { PageQuery } from '#contract/entities/common.ts';
import { Entitlements, User, UserPut } from '#contract/entities/user.ts';
import { listUsers } from '#services/users/list.ts';
import { jsonRoute, listRoute, type Route } from '../route.ts';
import { getUser } from '#services/users/get.ts';
import { putUser } from '#services/users/put.ts';
import { Deleted } from '#contract/entities/workspace.ts';
import { deleteUser } from '#services/users/delete.ts';
import { getEntitlements } from '#services/users/entitlements.ts';

const usersList = listRoute({
  operation: 'users.list',
  summary: 'List users',
  query: PageQuery,
  item: User,
  handle: ({ deps, call, query }) => listUsers(deps, call, query),
});

const usersGet = jsonRoute({
  operation: 'users.get',
  summary: 'Read a user',
  response: User,
  handle: ({ deps, call, params }) => getUser(deps, call, params),
});

const usersPut = jsonRoute({
  operation: 'users.put',
  summary: 'Set a user’s type, quota and budget',
  body: UserPut,
  response: User,
  handle: ({ deps, call, params, body }) => putUser(deps, call, { ...params, ...body }),
});

const usersDelete = jsonRoute({
  operation: 'users.delete',
  summary: 'Delete a user',
  response: Deleted,
  handle: ({ deps, call, params }) => deleteUser(deps, call, params),
});

const usersEntitlements = jsonRoute({
  operation: 'users.entitlements',
  summary: 'Read a user’s limits and the use of each',
  response: Entitlements,
  handle: ({ deps, call, params }) => getEntitlements(deps, call, params),
});

export const usersRoutes: readonly Route[] = [usersList, usersGet, usersPut, usersDelete, usersEntitlements];
