import { Deleted } from '#contract/entities/workspace.ts';
import { deleteUser } from '#services/users/delete.ts';
import { jsonRoute } from '../../route.ts';

export const usersDelete = jsonRoute({
  operation: 'users.delete',
  summary: 'Delete a user',
  response: Deleted,
  handle: ({ deps, call, params }) => deleteUser(deps, call, params),
});
