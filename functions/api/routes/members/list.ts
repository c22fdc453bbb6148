import { PageQuery } from '#contract/entities/common.ts';
import { Member } from '#contract/entities/workspace.ts';
import { listMembers } from '#services/members/list.ts';
import { listRoute } from '../../route.ts';

export const membersList = listRoute({
  operation: 'members.list',
  summary: 'List a workspace’s members',
  query: PageQuery,
  item: Member,
  handle: ({ deps, call, params, query }) => listMembers(deps, call, { ...params, ...query }),
});
