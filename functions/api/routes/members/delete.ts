import { Deleted } from '#contract/entities/workspace.ts';
import { deleteMember } from '#services/members/delete.ts';
import { jsonRoute } from '../../route.ts';

export const membersDelete = jsonRoute({
  operation: 'members.delete',
  summary: 'Remove a member',
  response: Deleted,
  handle: ({ deps, call, params }) => deleteMember(deps, call, params),
});
