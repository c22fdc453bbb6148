import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { accountOf } from '../billing/account.ts';
import { refuseAgents } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import { batchesOf, MOST_CHANGED } from '../kernel/batches.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { keys, memberKey, members, userKey, users, webhooks, workspaces } from '../model/collections.ts';
import type { UserDoc } from '../model/docs.ts';

/** Workspaces named in a refusal, of each status. */
const NAMED = 20;
/** Each batch writes an audit entry too. */
const BATCH = MOST_CHANGED - 1;
const DELETING = 'user.deleting';

/** @throws Problem conflict while there are live sessions or workspaces */
const assertOwnsNothing = async (draft: Draft, user_id: string): Promise<void> => {
  const { live_sessions } = await accountOf(draft, user_id);
  if (live_sessions > 0)
    throw new Problem(
      'conflict',
      `User ${user_id} has ${live_sessions === 1 ? '1 live session' : `${live_sessions} live sessions`}. End ${live_sessions === 1 ? 'it' : 'them'} first.`,
    );
  const of = (status: string) => {
    const order = { field: 'workspace_id', direction: 'asc' } as const;
    return draft.query(workspaces, { where: { owner: user_id, status }, order, limit: NAMED });
  };
  const kept = (await Promise.all([of('active'), of('deleting')])).flatMap(({ docs }) => docs);
  if (kept.length === 0) return;
  const names = kept.map((doc) => doc.data.workspace_id).join(', ');
  throw new Problem('conflict', `User ${user_id} has workspaces (${names}). Delete them first.`);
};

/** Marks the user: from then on no key is made for it and nothing of its own. @returns whether there is such a user */
const begin = (deps: Deps, call: Call, user_id: string): Promise<boolean> =>
  transact(deps.store, async (draft) => {
    refuseAgents(call);
    const user = await draft.get(users, userKey(user_id));
    if (!user) return false;
    await assertOwnsNothing(draft, user_id);
    if (user.deleting) return true;
    const marked: UserDoc = { ...user, deleting: true };
    draft.put(users, userKey(user_id), marked);
    writeAudit(deps, draft, call, { action: DELETING, target: user_id });
    return true;
  });

/** Whether another call has not deleted it yet. @throws Problem conflict where a PUT has kept it */
const isDeleting = async (draft: Draft, user_id: string): Promise<boolean> => {
  const user = await draft.get(users, userKey(user_id));
  if (!user) return false;
  if (user.deleting) return true;
  throw new Problem(
    'conflict',
    `User ${user_id} was changed while it was being deleted, and is kept. Some of its keys may be revoked. Delete it again to remove it.`,
  );
};

/** None is made meanwhile, so that one walk finds all. @returns how many of these it revoked */
const revokeSome = (deps: Deps, call: Call, user_id: string, ids: readonly string[]): Promise<number> =>
  transact(deps.store, async (draft) => {
    if (!(await isDeleting(draft, user_id))) return 0;
    await draft.prefetch(ids.map((id) => [keys, id] as const));
    let keys_revoked = 0;
    for (const id of ids) {
      const key = await draft.get(keys, id);
      if (!key || key.revoked_at !== null) continue;
      draft.put(keys, id, { ...key, revoked_at: iso(deps.clock.now()) });
      keys_revoked += 1;
    }
    if (keys_revoked > 0)
      writeAudit(deps, draft, call, { action: DELETING, target: user_id, detail: { keys_revoked } });
    return keys_revoked;
  });

const revokeKeys = async (deps: Deps, call: Call, user_id: string): Promise<number> => {
  const open: string[] = [];
  const own = everyDoc(deps.store, keys, { where: { user_id }, order: { field: 'key_id', direction: 'asc' } });
  for await (const { key_id, revoked_at } of own) if (revoked_at === null) open.push(key_id);
  let revoked = 0;
  for (const batch of batchesOf(open, BATCH)) revoked += await revokeSome(deps, call, user_id, batch);
  return revoked;
};

/** None is made meanwhile. A user has a few, which fit into one transaction. */
const deleteWebhooks = (deps: Deps, call: Call, user_id: string): Promise<void> =>
  transact(deps.store, async (draft) => {
    if (!(await isDeleting(draft, user_id))) return;
    const order = { field: 'webhook_id', direction: 'asc' } as const;
    const { docs } = await draft.query(webhooks, { where: { user_id }, order, limit: BATCH });
    if (docs.length === 0) return;
    for (const { id } of docs) draft.delete(webhooks, id);
    writeAudit(deps, draft, call, { action: DELETING, target: user_id, detail: { webhooks_deleted: docs.length } });
  });

const leaveSome = (deps: Deps, call: Call, user_id: string, ids: readonly string[]): Promise<void> =>
  transact(deps.store, async (draft) => {
    if (!(await isDeleting(draft, user_id))) return;
    for (const id of ids) draft.delete(members, id);
    writeAudit(deps, draft, call, { action: DELETING, target: user_id, detail: { memberships_ended: ids.length } });
  });

/** Another user may get the name one day: what it was let into is not theirs. */
const leaveWorkspaces = async (deps: Deps, call: Call, user_id: string): Promise<void> => {
  const order = { field: 'workspace_key', direction: 'asc' } as const;
  const left: string[] = [];
  for await (const { workspace_key } of everyDoc(deps.store, members, { where: { member_id: user_id }, order }))
    left.push(memberKey(workspace_key, user_id));
  for (const batch of batchesOf(left, BATCH)) await leaveSome(deps, call, user_id, batch);
};

/**
 * Forgets a user with its memberships, and revokes its keys. One with live sessions or workspaces is kept: what it owns
 * is deleted first. Its account (spending) and the ledger are kept.
 *
 * A user may have more keys and memberships than one transaction takes. So it is marked first, and its document is
 * deleted last: a call that is cut off leaves a user that is there, is being deleted and can do nothing, and the same
 * call again finishes. Keys are revoked first, as they open something.
 */
export const deleteUser = async (deps: Deps, call: Call, { user_id }: { user_id: string }) => {
  if (!(await begin(deps, call, user_id))) return { deleted: false };
  const keys_revoked = await revokeKeys(deps, call, user_id);
  await deleteWebhooks(deps, call, user_id);
  await leaveWorkspaces(deps, call, user_id);
  return transact(deps.store, async (draft) => {
    if (!(await isDeleting(draft, user_id))) return { deleted: false };
    await assertOwnsNothing(draft, user_id);
    draft.delete(users, userKey(user_id));
    writeAudit(deps, draft, call, { target: user_id, detail: { keys_revoked } });
    return { deleted: true };
  });
};
