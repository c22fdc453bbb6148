import { Problem } from '#contract/errors.ts';
import { refuseAgents } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { keys, memberKey, members, userKey, users, workspaces } from '../model/collections.ts';
import { iso } from '#ports/clock.ts';
import { accountOf } from '../billing/account.ts';

/**
 * Forgets a user with its memberships, and revokes its keys. One with live sessions or workspaces is kept: what it owns goes first.
 * Its account (spending) and the ledger stay.
 */
export const deleteUser = (deps: Deps, call: Call, input: { user_id: string }) =>
  transact(deps.store, async (draft) => {
    refuseAgents(call);
    const { user_id } = input;
    const user = await draft.get(users, userKey(user_id));
    if (!user) return { deleted: false };
    const account = await accountOf(draft, user_id);
    const owned = await draft.query(workspaces, {
      where: { owner: user_id },
      order: { field: 'workspace_id', direction: 'asc' },
      limit: 1000,
    });
    const kept = owned.docs.filter((doc) => doc.data.status !== 'deleted');
    if (account.live_sessions > 0) {
      throw new Problem('conflict', `User ${user_id} has ${account.live_sessions} live sessions. End them first.`);
    }
    if (kept.length > 0) {
      const names = kept.map((doc) => doc.data.workspace_id).join(', ');
      throw new Problem('conflict', `User ${user_id} has workspaces (${names}). Delete them first.`);
    }
    const now = iso(deps.clock.now());
    let keys_revoked = 0;
    for await (const key of everyDoc(draft, keys, {
      where: { user_id },
      order: { field: 'key_id', direction: 'asc' },
    })) {
      if (key.revoked_at !== null) continue;
      draft.put(keys, key.key_id, { ...key, revoked_at: now });
      keys_revoked += 1;
    }
    // Another user may get the name one day: what it was let into is not theirs.
    const memberships = { where: { member_id: user_id }, order: { field: 'workspace_key', direction: 'asc' } as const };
    for await (const { workspace_key } of everyDoc(draft, members, memberships)) {
      draft.delete(members, memberKey(workspace_key, user_id));
    }
    draft.delete(users, userKey(user_id));
    writeAudit(deps, draft, call, { target: user_id, detail: { keys_revoked } });
    return { deleted: true };
  });
