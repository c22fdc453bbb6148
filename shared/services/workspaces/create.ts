import type { z } from 'zod';
import type { Workspace, WorkspaceCreate } from '#contract/entities/workspace.ts';
import { Problem } from '#contract/errors.ts';
import { decidePackage, decideWorkspaces } from '#domain/quota.ts';
import { actingUser, confinementOf, refuseSessionKeys } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import { assertAllowed } from '../kernel/assert-allowed.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { onBehalfOf, remember, replayed } from '../kernel/idempotency.ts';
import type { UserDoc } from '../model/docs.ts';
import { accounts, userKey, workspaceKey, workspaces } from '../model/collections.ts';
import { accountOf } from '../billing/account.ts';
import { workspaceLabel } from '../model/labels.ts';
import { ensureUser, refuseDeleting } from '../kernel/users.ts';
import { goOnWithFormer, removeFormerMembersIn } from '../lifecycle/remove-members.ts';
import { makeWorkspace } from './make.ts';
import { workspaceToWire } from './wire.ts';

type Wire = z.infer<typeof Workspace>;
type Input = z.infer<typeof WorkspaceCreate>;

const refuseConfined = (call: Call): void => {
  refuseSessionKeys(call);
  const only = confinementOf(call.actor);
  if (only !== null)
    throw new Problem(
      'forbidden',
      `This key is only for workspace ${only.workspace_id}. Use another key to create one.`,
    );
};

/** Read to explain a refusal; more of them change nothing. */
const MOST_COUNTED = 50;

/** How many of the owner's counted workspaces are deleted ones whose data is still kept. */
const retainedCount = async (draft: Draft, owner: string): Promise<number> => {
  const order = { field: 'retained_until', direction: 'asc' } as const;
  return (await draft.query(workspaces, { where: { owner }, order, limit: MOST_COUNTED })).docs.length;
};

/** One more workspace of the owner's. Only a refusal needs to know how many are deleted. @throws Problem quota_exceeded */
const assertRoom = async (draft: Draft, { user_id, user_type }: UserDoc, used: number): Promise<void> => {
  if (decideWorkspaces(user_type, used, 0).ok) return;
  assertAllowed(decideWorkspaces(user_type, used, await retainedCount(draft, user_id)));
};

const create = (deps: Deps, call: Call, owner: string, key: string, input: Input): Promise<Wire> =>
  transact(deps.store, async (draft) => {
    const before = await draft.get(workspaces, key);
    const user = refuseDeleting(await ensureUser(deps, draft, call, owner));
    if (before && (await replayed(deps, draft, call))?.target === key)
      return workspaceToWire(before, 'owner', user.user_type);
    assertAllowed(decidePackage(owner, user.user_type, input.resource_package));
    if (before && before.status !== 'deleted') {
      throw new Problem(
        'conflict',
        `Workspace ${input.workspace_id} exists already${before.status === 'deleting' ? ' and is being deleted. Try again when it is gone' : '. Use it, or choose another workspace_id'}.`,
      );
    }
    // A deleted one with data is still counted; it takes its own place again.
    const counted = before !== null && before.retained_until !== null && !before.is_default;
    const account = await accountOf(draft, owner);
    if (!counted) {
      await assertRoom(draft, user, account.workspaces);
      draft.put(accounts, userKey(owner), { ...account, workspaces: account.workspaces + 1 });
    }
    const fields = {
      owner,
      workspace_id: input.workspace_id,
      name: input.name,
      description: input.description ?? null,
      resource_package: input.resource_package,
      is_default: false,
    };
    if (before) await removeFormerMembersIn(draft, before, key);
    const made = makeWorkspace(deps, draft, before, fields);
    remember(deps, draft, call, 'workspace', key);
    writeAudit(deps, draft, call, {
      workspace_owner: owner,
      workspace_id: input.workspace_id,
      target: workspaceLabel(made),
      detail: { resource_package: input.resource_package, revived: counted },
    });
    return workspaceToWire(made, 'owner', user.user_type);
  });

/** Makes a workspace. @throws Problem entitlement_denied, quota_exceeded, conflict, unavailable */
export const createWorkspace = async (deps: Deps, call: Call, input: Input): Promise<Wire> => {
  refuseConfined(call);
  const owner = actingUser(call, input.user_id, 'user_id');
  const key = workspaceKey(owner, input.workspace_id);
  return goOnWithFormer(deps, key, () => create(deps, onBehalfOf(call, owner), owner, key, input));
};
