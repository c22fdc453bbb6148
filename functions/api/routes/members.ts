import { PageQuery } from '#contract/entities/common.ts';
import { Deleted, Member, MemberPut } from '#contract/entities/workspace.ts';
import { listMembers } from '#services/members/list.ts';
import { jsonRoute, listRoute, type Route } from '../route.ts';
import { putMember } from '#services/members/put.ts';
import { deleteMember } from '#services/members/delete.ts';

const membersList = listRoute({
  operation: 'members.list',
  summary: 'List a workspace’s members',
  query: PageQuery,
  item: Member,
  handle: ({ deps, call, params, query }) => listMembers(deps, call, { ...params, ...query }),
});

const membersPut = jsonRoute({
  operation: 'members.put',
  summary: 'Add a member or change the role',
  body: MemberPut,
  response: Member,
  handle: ({ deps, call, params, body }) => putMember(deps, call, { ...params, ...body }),
});

const membersDelete = jsonRoute({
  operation: 'members.delete',
  summary: 'Remove a member',
  response: Deleted,
  handle: ({ deps, call, params }) => deleteMember(deps, call, params),
});

export const membersRoutes: readonly Route[] = [membersList, membersPut, membersDelete];
