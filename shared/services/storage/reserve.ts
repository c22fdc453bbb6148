import { Problem } from '#contract/errors.ts';
import { decideStorage } from '#domain/quota.ts';
import { replaceReservation, reserves, storageReservation } from '#domain/budget.ts';
import { providerStorageKey as providerKey } from '#domain/names.ts';
import { iso } from '#ports/clock.ts';
import type { ComputeCapabilities } from '#ports/compute.ts';
import { assertAllowed } from '../kernel/assert-allowed.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { holdersOf } from '../kernel/holders.ts';
import { billedStorage, budgetOf } from '../billing/prices.ts';
import { accounts, storage, storageKey, userKey, workspaceKey, workspaces } from '../model/collections.ts';
import type { StorageDoc, UserDoc, WorkspaceDoc } from '../model/docs.ts';
import { accountOf } from '../billing/account.ts';
import { billStorage, storageDue } from '../billing/storage-bill.ts';

export interface StorageRequest {
  readonly kind: 'volume' | 'bucket';
  readonly name: string;
  readonly size_gb: number;
}

export interface Reserved {
  readonly doc: StorageDoc;
  readonly warnings: readonly string[];
}

/** Who mounts a volume or bucket, and with what. */
export interface StorageUse {
  readonly owner: UserDoc;
  readonly workspace: WorkspaceDoc;
  readonly session_id: string;
  readonly capabilities: Pick<ComputeCapabilities, 'volume_kind' | 'bucket_kind' | 'volume_access'>;
}

/** The volume or bucket of that name, or null where the workspace has none. */
export const findStorage = (draft: Draft, workspace: WorkspaceDoc, request: Pick<StorageRequest, 'kind' | 'name'>) =>
  draft.get(storage, storageKey(workspaceKey(workspace.owner, workspace.workspace_id), request.kind, request.name));

const kindsOf = (kind: StorageRequest['kind'], count: number, gb: number) => ({
  volumes: kind === 'volume' ? count : 0,
  buckets: kind === 'bucket' ? count : 0,
  storage_gb: gb,
});

/** What the month still holds for a piece of storage that is new or larger. It alone may pass a budget. */
const reserveMoney = async (deps: Deps, draft: Draft, user: UserDoc, doc: StorageDoc): Promise<StorageDoc> => {
  if (!reserves(budgetOf(user))) return doc;
  const account = await accountOf(draft, doc.owner);
  const wanted = storageReservation(billedStorage(deps, doc), deps.clock.now(), deps.settings.prices);
  draft.put(accounts, userKey(doc.owner), {
    ...account,
    months: replaceReservation(account.months, doc.reservation, wanted, 'storage'),
  });
  return { ...doc, reservation: wanted };
};

/**
 * Makes or grows a workspace's volume or bucket in the caller's transaction, and notes the session that mounts it: the
 * first request makes it, a larger one grows it, a smaller one is ignored with a warning.
 * @throws Problem storage_exceeded, conflict
 */
export const reserveStorage = async (
  deps: Deps,
  draft: Draft,
  { owner, workspace: workspaceBefore, session_id, capabilities }: StorageUse,
  request: StorageRequest,
): Promise<Reserved> => {
  const provider = request.kind === 'volume' ? capabilities.volume_kind : capabilities.bucket_kind;
  const access = request.kind === 'volume' ? capabilities.volume_access : 'many';
  const key = workspaceKey(workspaceBefore.owner, workspaceBefore.workspace_id);
  const id = storageKey(key, request.kind, request.name);
  // An earlier request of the same call may have raised its counters.
  const workspace = (await draft.get(workspaces, key)) ?? workspaceBefore;
  const before = await draft.get(storage, id);
  if (before?.removing)
    throw new Problem('conflict', `The ${request.kind} ${request.name} is being deleted. Try again when it is gone.`);
  if (before && before.provider !== provider) {
    throw new Problem(
      'conflict',
      `The ${request.kind} ${request.name} is stored at ${before.provider}. Ask for that provider, or for auto.`,
    );
  }
  const holders = before ? await holdersOf(draft, before) : [];
  if (before?.access === 'one_node' && holders.length > 0) {
    throw new Problem(
      'conflict',
      `The volume ${request.name} is mounted by ${holders.join(', ')}, and one session at a time can mount it. End that session first, or ask for a volume of another name in storage_config.`,
      { extra: { sessions: holders } },
    );
  }
  const held_by = [...holders, session_id];
  if (before?.over_limit) {
    throw new Problem(
      'storage_exceeded',
      `The bucket ${request.name} holds more than its ${before.size_gb} GB. Free some, or ask for a larger bucket_size_gb.`,
    );
  }
  if (before && request.size_gb <= before.size_gb) {
    const smaller = request.size_gb < before.size_gb;
    const warning = `The ${request.kind} ${request.name} has ${before.size_gb} GB already; ${request.size_gb} GB was asked for and passed over.`;
    const held: StorageDoc = { ...before, held_by };
    draft.put(storage, id, held);
    return { doc: held, warnings: smaller ? [warning] : [] };
  }
  const more = request.size_gb - (before?.size_gb ?? 0);
  assertAllowed(
    decideStorage(owner.user_type, workspace.workspace_id, workspace, kindsOf(request.kind, before ? 0 : 1, more)),
  );

  const now = deps.clock.now();
  const made: StorageDoc = before
    ? { ...(await billStorage(deps, draft, before, now)), size_gb: request.size_gb, held_by }
    : {
        id,
        kind: request.kind,
        owner: workspace.owner,
        workspace_id: workspace.workspace_id,
        workspace_key: key,
        name: request.name,
        provider,
        access,
        held_by,
        key: providerKey({
          deployment: deps.settings.deployment,
          owner: workspace.owner,
          workspace_id: workspace.workspace_id,
          kind: request.kind,
          name: request.name,
          made_at: iso(now),
        }),
        size_gb: request.size_gb,
        created_at: iso(now),
        retained_until: null,
        removing: false,
        over_limit: false,
        metered_until: iso(now),
        ledgered_until: iso(now),
        open_nano: 0,
        segments: 0,
        meter_due: storageDue(deps, request.kind),
        reservation: {},
      };
  const doc = await reserveMoney(deps, draft, owner, made);
  draft.put(storage, id, doc);
  const counts = kindsOf(request.kind, before ? 0 : 1, more);
  draft.put(workspaces, key, {
    ...workspace,
    volumes: workspace.volumes + counts.volumes,
    buckets: workspace.buckets + counts.buckets,
    storage_gb: workspace.storage_gb + counts.storage_gb,
    updated_at: iso(now),
  });
  return { doc, warnings: [] };
};
