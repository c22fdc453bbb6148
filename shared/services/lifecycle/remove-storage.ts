import { release } from '#domain/budget.ts';
import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { holdersOf } from '../kernel/holders.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { accounts, storage, userKey, workspaces } from '../model/collections.ts';
import { storageLabel } from '../model/labels.ts';
import type { StorageDoc } from '../model/docs.ts';
import { placeOf } from '../model/places.ts';
import { accountOf } from '../billing/account.ts';
import { billStorageToEnd } from '../billing/storage-bill.ts';

/** After this time the meter treats a removal as interrupted, and continues it. */
const FINISHED_MS = 30_000;

/**
 * Removes a volume or bucket that no live session mounts: marked first, so that no session can mount it, then gone
 * at its provider, then off the record with its last bill. Each step may be repeated. `wanted` decides in the
 * transaction that marks it, so that what has changed since the caller looked is not removed. @throws Problem conflict
 */
export const removeStorage = async (
  deps: Deps,
  call: Call,
  id: string,
  wanted: (doc: StorageDoc, draft: Draft) => boolean | Promise<boolean> = () => true,
): Promise<boolean> => {
  const marked = await transact(deps.store, async (draft) => {
    const doc = await draft.get(storage, id);
    if (!doc || !(await wanted(doc, draft))) return null;
    const holders = await holdersOf(draft, doc);
    if (holders.length > 0) {
      throw new Problem(
        'conflict',
        `The ${doc.kind} ${doc.name} is mounted by ${holders.join(', ')}. End them first.`,
        {
          extra: { sessions: holders },
        },
      );
    }
    const next = { ...doc, removing: true, meter_due: iso(deps.clock.now() + FINISHED_MS) };
    draft.put(storage, id, next);
    return next;
  });
  if (!marked) return false;
  await deps.storages.of(marked.provider, marked.kind).remove(placeOf(marked));
  await deps.lanes.add(marked.owner, async (draft) => {
    const doc = await draft.get(storage, id);
    // A volume or bucket that was created again under this name is a different one.
    if (doc?.key !== marked.key) return;
    const billed = await billStorageToEnd(deps, draft, doc, deps.clock.now());
    const account = await accountOf(draft, doc.owner);
    draft.put(accounts, userKey(doc.owner), {
      ...account,
      months: release(account.months, billed.reservation, 'storage'),
    });
    const workspace = await draft.get(workspaces, doc.workspace_key);
    if (workspace) {
      draft.put(workspaces, doc.workspace_key, {
        ...workspace,
        volumes: workspace.volumes - (doc.kind === 'volume' ? 1 : 0),
        buckets: workspace.buckets - (doc.kind === 'bucket' ? 1 : 0),
        storage_gb: workspace.storage_gb - doc.size_gb,
      });
    }
    draft.delete(storage, id);
    writeAudit(deps, draft, call, {
      action: call.operation === 'system' ? 'storage.removed' : call.operation,
      workspace_owner: doc.owner,
      workspace_id: doc.workspace_id,
      target: storageLabel(doc),
    });
  });
  return true;
};
