import { decideBudget, reserves, sessionReservation } from '#domain/budget.ts';
import { resourceKey } from '#domain/names.ts';
import { isPackageName } from '#domain/packages.ts';
import { decideNamespace, decideResources, decideSessions } from '#domain/quota.ts';
import { formatCpu, formatMemory } from '#domain/sizes.ts';
import { expiresAt, latestEnd } from '#domain/ttl.ts';
import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import type { Call } from '../../kernel/call.ts';
import { demand } from '../../kernel/demand.ts';
import type { Deps } from '../../kernel/deps.ts';
import type { Draft } from '../../kernel/draft.ts';
import { writeAudit } from '../../kernel/audit.ts';
import { billedPlan, budgetOf, pricesOf } from '../../billing/prices.ts';
import { accounts, sessions, workspaceKey, workspaces } from '../../model/collections.ts';
import type { IntentDoc, SessionDoc, StorageDoc } from '../../model/docs.ts';
import { findStorage, reserveStorage } from '../../storage/reserve.ts';
import { accountOf, namespaceKey } from '../../billing/account.ts';
import { ensureUser } from '../../kernel/users.ts';
import { workspaceForCreate } from '../../workspaces/default.ts';
import { openIntent } from '../../lifecycle/intents.ts';
import { type Ask, type CreateInput, sizeOf } from './ask.ts';
import { place, specOf } from './place.ts';

export interface Created {
  readonly session: SessionDoc;
  readonly intent: IntentDoc;
}

const liveNamespaces = (namespaces: Readonly<Record<string, number>>, user: string): string[] =>
  Object.keys(namespaces)
    .filter((key) => key.startsWith(`${user}|`) && (namespaces[key] ?? 0) > 0)
    .map((key) => key.slice(user.length + 1));

const allocation = (volume: StorageDoc | null, bucket: StorageDoc | null): Record<string, unknown> | null =>
  volume || bucket
    ? {
        persistent_storage: volume ? { name: volume.name, size_gb: volume.size_gb, mount_path: '/workspace' } : null,
        bucket: bucket ? { name: bucket.name, size_gb: bucket.size_gb, mount_path: `/buckets/${bucket.name}` } : null,
      }
    : null;

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
  ask: Ask,
  envSealed: string | null,
): Promise<Created> => {
  const { workspace } = await workspaceForCreate(deps, draft, call, ask.owner, ask.workspace_id);
  if (workspace.status !== 'active')
    throw new Problem('conflict', `Workspace ${workspace.workspace_id} is being deleted.`);
  const owner = await ensureUser(deps, draft, ask.owner);
  if (ask.user !== ask.owner) await ensureUser(deps, draft, ask.user);
  const { resources, image } = sizeOf(
    input,
    isPackageName(workspace.resource_package) ? workspace.resource_package : 'dev_micro',
  );
  demand(decideResources(owner.user_type, resources));
  const before = await accountOf(draft, ask.owner);
  demand(decideNamespace(owner.user_type, liveNamespaces(before.namespaces, ask.user), ask.namespace));
  demand(decideSessions(owner.user_type, owner.max_concurrent_sessions, before.live_sessions));

  const now = deps.clock.now();
  const expires = expiresAt(now, ask.ttl_minutes);
  const at = { session_id: id, owner: ask.owner, workspace_id: workspace.workspace_id, provider: ask.provider };
  const there = ask.volume ? await findStorage(draft, workspace, ask.volume) : null;
  const { compute, plan } = place(
    deps,
    specOf(at, resources, image, { volume: null, buckets: [] }),
    expires,
    there?.provider ?? null,
  );
  const kind = compute.capabilities.storage_kind;
  const volume = ask.volume ? await reserveStorage(deps, draft, owner, workspace, ask.volume, kind) : null;
  const bucket = ask.bucket ? await reserveStorage(deps, draft, owner, workspace, ask.bucket, kind) : null;
  const spec = specOf(at, resources, image, {
    volume: volume ? { key: volume.doc.key, size_mb: volume.doc.size_gb * 1024 } : null,
    buckets: bucket ? [{ key: bucket.doc.key, name: bucket.doc.name, size_mb: bucket.doc.size_gb * 1024 }] : [],
  });

  // Storage may have reserved money of its own just now.
  const account = await accountOf(draft, ask.owner);
  const table = pricesOf(deps.settings);
  const bill = billedPlan(deps, plan, spec);
  const budget = budgetOf(owner);
  const wanted = reserves(budget)
    ? sessionReservation({ plan: bill, from: now, expires_at: expires, billed: false, table })
    : {};
  const money = decideBudget({
    budget,
    months: account.months,
    now,
    held: {},
    wanted,
    plan: bill,
    create: true,
    table,
  });
  if (!money.ok) throw new Problem(money.code, money.message);

  const namespace = namespaceKey(ask.user, ask.namespace);
  draft.put(accounts, ask.owner, {
    ...account,
    live_sessions: account.live_sessions + 1,
    namespaces: { ...account.namespaces, [namespace]: (account.namespaces[namespace] ?? 0) + 1 },
    months: money.months,
  });
  const key = workspaceKey(workspace.owner, workspace.workspace_id);
  const counted = (await draft.get(workspaces, key)) ?? workspace;
  draft.put(workspaces, key, { ...counted, live_sessions: counted.live_sessions + 1 });

  const warnings = [...plan.warnings, ...(volume?.warnings ?? []), ...(bucket?.warnings ?? [])];
  const { ok: _, warnings: __, details: ___, ...shape } = plan;
  const session: SessionDoc = {
    id,
    provider: ask.provider === 'auto' ? compute.driver : ask.provider,
    namespace: ask.namespace,
    user: ask.user,
    workspace_id: workspace.workspace_id,
    workspace_owner: workspace.owner,
    template: input.template ?? null,
    status: 'creating',
    status_reason: null,
    status_message: null,
    url: null,
    websocket: null,
    ssh: null,
    details: { driver: compute.driver, ...plan.details, plan: shape, warnings },
    user_type: owner.user_type,
    resource_package: resources.source === 'resource_tier' ? null : resources.package,
    resource_spec: {
      cpu_request: formatCpu(resources.cpu_request_millis),
      cpu_limit: formatCpu(resources.cpu_limit_millis),
      memory_request: formatMemory(resources.memory_request_mb),
      memory_limit: formatMemory(resources.memory_limit_mb),
    },
    image_spec: { image_type: image.type, image_url: image.url, image_tag: image.tag },
    gpu_spec: resources.gpu ? { gpu_type: resources.gpu.type, gpu_count: resources.gpu.count } : null,
    storage_allocation: allocation(volume?.doc ?? null, bucket?.doc ?? null),
    storage_config: volume || bucket ? { volume: volume?.doc.name ?? null, bucket: bucket?.doc.name ?? null } : null,
    storage_status: volume || bucket ? 'pending' : null,
    env_names: Object.keys(input.env ?? {}).sort(),
    labels: input.labels ?? {},
    ttl_minutes: ask.ttl_minutes,
    created_at: iso(now),
    expires_at: iso(expires),
    started_at: null,
    ended_at: null,
    k8s_namespace: null,
    pod_name: null,
    service_name: null,
    job_name: null,
    workspace_key: key,
    driver: compute.driver,
    key: resourceKey(id),
    generation: 1,
    spec,
    bill,
    env_sealed: envSealed,
    end: null,
    mounts: [volume, bucket].flatMap((each) => (each ? [each.doc.id] : [])),
    start_by: iso(Math.min(now + deps.settings.start_timeout_ms, latestEnd(now, deps.settings.longest_life_minutes))),
    deadline_held: null,
    live: true,
    recent: true,
    live_until: iso(expires),
    meter_due: null,
    purge_at: null,
    metered_until: null,
    segments: 0,
    billed_nano: 0,
    reservation: money.reservation,
  };
  draft.create(sessions, id, session);
  writeAudit(deps, draft, call, {
    workspace_owner: session.workspace_owner,
    workspace_id: session.workspace_id,
    session_id: id,
    detail: { provider: session.provider, resource_package: session.resource_package, expires_at: session.expires_at },
  });
  return { session, intent: openIntent(deps, draft, session, 'provision') };
};
