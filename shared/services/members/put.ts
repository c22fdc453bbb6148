import { invalidField } from '#contract/errors.ts';
import { decideSharing } from '#domain/quota.ts';
import { iso } from '#ports/clock.ts';
import { workspaceFor } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import { assertAllowed } from '../kernel/assert-allowed.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { memberKey, members, userKey, users, workspaceKey } from '../model/collections.ts';
import type { MemberDoc } from '../model/docs.ts';
import { ensureUser, refuseDeleting } from '../kernel/users.ts';

interface Input {
  readonly user_id: string;
  readonly workspace_id: string;
  readonly member_id: string;
  readonly role: MemberDoc['role'];
}

/** Lets another user into a workspace, or changes the role. The owner’s entitlements, quotas and budget are used. */
export const putMember = (deps: Deps, call: Call, input: Input) =>
  transact(deps.store, async (draft) => {
    const { workspace } = await workspaceFor(draft, call, input.user_id, input.workspace_id, 'owner');
    const { owner, workspace_id } = workspace;
    const user = refuseDeleting(await ensureUser(deps, draft, call, owner));
    assertAllowed(decideSharing(user.user_type));
    if (input.member_id === owner) throw invalidField('member_id', 'is the owner already');
    // A membership given now would outlive the deletion. A member need not be a user yet.
    const invited = await draft.get(users, userKey(input.member_id));
    if (invited) refuseDeleting(invited);
    const key = workspaceKey(owner, workspace_id);
    const before = await draft.get(members, memberKey(key, input.member_id));
    const member: MemberDoc = {
      ...before,
      owner,
      workspace_id,
      workspace_key: key,
      member_id: input.member_id,
      role: input.role,
      added_at: before?.added_at ?? iso(deps.clock.now()),
    };
    draft.put(members, memberKey(key, input.member_id), member);
    writeAudit(deps, draft, call, {
      workspace_owner: owner,
      workspace_id,
      target: input.member_id,
      detail: { role: input.role, before: before?.role ?? null },
    });
    return { member_id: member.member_id, role: member.role, added_at: member.added_at };
  });
