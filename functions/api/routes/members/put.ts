import { Member, MemberPut } from '#contract/entities/workspace.ts';
import { putMember } from '#services/members/put.ts';
import { jsonRoute } from '../../route.ts';

export const membersPut = jsonRoute({
  operation: 'members.put',
  summary: 'Add a member or change the role',
  body: MemberPut,
  response: Member,
  handle: ({ deps, call, params, body }) => putMember(deps, call, { ...params, ...body }),
});
