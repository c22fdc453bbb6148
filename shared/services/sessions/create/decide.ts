import { decideBudget, reservedSince, reserves, sessionReservation } from '#domain/budget.ts';
import { isPackageName } from '#domain/packages.ts';
import { decideNamespace, decideResources, decideSessions } from '#domain/quota.ts';
import { expiresAt } from '#domain/ttl.ts';
import { Problem } from '#contract/errors.ts';
import type { Mount } from '#ports/compute.ts';
import type { Call } from '../../kernel/call.ts';
import { assertAllowed } from '../../kernel/assert-allowed.ts';
import type { Deps } from '../../kernel/deps.ts';
import type { Draft } from '../../kernel/draft.ts';
import { writeAudit } from '../../kernel/audit.ts';
import { billedPlan, budgetOf } from '../../billing/prices.ts';
import { accounts, sessions, userKey, users, workspaceKey, workspaces } from '../../model/collections.ts';
import type { IntentDoc, SessionDoc, StorageDoc } from '../../model/docs.ts';
import { findStorage, type Reserved, reserveStorage, type StorageRequest } from '../../storage/reserve.ts';
import { accountOf, countNamespace, namespacesOf } from '../../billing/account.ts';
import { assertFollowed } from '../../billing/follow-budget.ts';
import { meterPeriod, terminateAt } from '../../billing/meter-period.ts';
import { ensureUser, refuseDeleting } from '../../kernel/users.ts';
import { workspaceForCreate } from '../../workspaces/default.ts';
import { openIntent } from '../../lifecycle/intents.ts';
import { type CreateRequest, type CreateInput, sizeOf } from './parse-create.ts';
import { newSession } from './new-session.ts';
import { place, specOf } from './place.ts';

export interface Created {
  readonly session: SessionDoc;
  readonly intent: IntentDoc;
}

const mountOf = ({ provider, key, size_gb }: StorageDoc): Mount => ({ provider, key, size_mb: size_gb * 1024 });

/**
 * The whole of a create in one transaction: entitlement, namespace, quota, storage, plan, budget; then the session,
 * its reservations, its first event and the intent to provision it. Throws before it writes anything of its own.
 */
export const decideCreate = async (
  deps: Deps,
  draft: Draft,
  call: Call,
  id: string,
  input: CreateInput,
  ask: CreateRequest,
  envSealed: string | null,
): Promise<Created> => {
  await draft.prefetch([
    [users, userKey(ask.owner)],
    [accounts, userKey(ask.owner)],
    [workspaces, workspaceKey(ask.owner, ask.workspace_id)],
  ]);
  const { workspace } = await workspaceForCreate(deps, draft, call, ask.owner, ask.workspace_id);
  if (workspace.status !== 'active')
    throw new Problem(
      'conflict',
      `Workspace ${workspace.workspace_id} is being deleted. Use another one, or create it again.`,
    );
  const owner = refuseDeleting(await ensureUser(deps, draft, call, ask.owner));
  if (ask.user !== ask.owner) refuseDeleting(await ensureUser(deps, draft, call, ask.user));
  const { resources, image } = sizeOf(
    input,
    isPackageName(workspace.resource_package) ? workspace.resource_package : 'dev_micro',
  );
  assertAllowed(decideResources(owner.user_type, resources));
  const before = await accountOf(draft, ask.owner);
  const budget = budgetOf(owner);
  assertFollowed(before, budget);
  assertAllowed(decideNamespace(owner.user_type, namespacesOf(before, ask.user), ask.namespace));
  assertAllowed(decideSessions(owner.user_type, owner.max_concurrent_sessions, before.live_sessions));

  const now = deps.clock.now();
  const expires = expiresAt(now, ask.ttl_minutes);
  const at = {
    session_id: id,
    owner: ask.owner,
    workspace_id: workspace.workspace_id,
    provider: ask.provider,
    life_minutes: ask.ttl_minutes,
  };
  const kindOf = async (asked: StorageRequest | null): Promise<string | null> =>
    asked === null ? null : ((await findStorage(draft, workspace, asked))?.provider ?? null);
  const { compute, plan } = place(deps, specOf(at, resources, image, { volume: null, buckets: [] }), expires, {
    volume: await kindOf(ask.volume),
    bucket: await kindOf(ask.bucket),
  });
  const reserve = (asked: StorageRequest | null): Promise<Reserved | null> =>
    asked === null
      ? Promise.resolve(null)
      : reserveStorage(deps, draft, { owner, workspace, session_id: id, capabilities: compute.capabilities }, asked);
  const volume = await reserve(ask.volume);
  const bucket = await reserve(ask.bucket);
  const spec = specOf(at, resources, image, {
    volume: volume && mountOf(volume.doc),
    buckets: bucket ? [{ ...mountOf(bucket.doc), name: bucket.doc.name }] : [],
  });

  // Storage may have reserved money of its own just now.
  const account = await accountOf(draft, ask.owner);
  const table = deps.settings.prices;
  const bill = billedPlan(deps, plan, spec);
  const wanted = reserves(budget)
    ? sessionReservation({ plan: bill, from: now, expires_at: expires, billed: false, table })
    : {};
  const money = decideBudget({
    budget,
    months: account.months,
    now,
    held: {},
    wanted,
    storage: reservedSince(before.months, account.months),
    plan: bill,
    change: 'create',
    table,
  });
  if (!money.ok) throw new Problem(money.code, money.message);

  draft.put(accounts, userKey(ask.owner), {
    ...account,
    live_sessions: account.live_sessions + 1,
    terminate_nano: terminateAt(budget),
    budget,
    live_namespaces: countNamespace(account, ask, 1),
    months: money.months,
  });
  const key = workspaceKey(workspace.owner, workspace.workspace_id);
  const counted = (await draft.get(workspaces, key)) ?? workspace;
  draft.put(workspaces, key, { ...counted, live_sessions: counted.live_sessions + 1 });

  const session = newSession(deps.settings, {
    id,
    input,
    ask,
    owner,
    workspace,
    resources,
    image,
    driver: compute.driver,
    spec,
    plan,
    bill,
    volume,
    bucket,
    now,
    env_sealed: envSealed,
    reservation: money.reservation,
    metered_every_ms: meterPeriod(deps, terminateAt(budget)),
  });
  draft.create(sessions, id, session);
  writeAudit(deps, draft, call, {
    workspace_owner: session.workspace_owner,
    workspace_id: session.workspace_id,
    session_id: id,
    detail: { provider: session.provider, resource_package: session.resource_package, expires_at: session.expires_at },
  });
  return { session, intent: openIntent(deps, draft, session, 'provision') };
};
