import { release } from '#domain/budget.ts';
import { Problem } from '#contract/errors.ts';
import type { TaskPayload } from '#contract/tasks.ts';
import { hashedName } from '#domain/names.ts';
import { iso } from '#ports/clock.ts';
import type { StorageRemoval } from '#ports/storages.ts';
import { writeAudit } from '../kernel/audit.ts';
import { type Call, systemCall } from '../kernel/call.ts';
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
/** How long one call goes on with what a large bucket holds. Then a task goes on. */
const LONGEST_MS = 15_000;

/** `kept`: it is on no record, or is not wanted gone any more. `more`: a task removes the rest. */
type Removed = StorageRemoval | 'kept';

/** Goes on with a removal that has more to do than one call does. If the task is lost, the meter goes on. */
const enqueueRest = async (deps: Deps, { id, key }: StorageDoc): Promise<void> => {
  const payload: TaskPayload<'storage.remove'> = { v: 1, storage_id: id, key };
  // Named by the second: a call goes on for longer than that before it hands on.
  const name = hashedName('rem', id, key, iso(deps.clock.now()).slice(0, 19));
  try {
    await deps.queue.enqueue({ name, task: 'storage.remove', payload });
  } catch (error) {
    deps.log.warn({ storage_id: id, err: error }, 'the rest of a removal was not enqueued; the meter takes it up');
  }
};

const removeAtProvider = async (deps: Deps, doc: StorageDoc): Promise<StorageRemoval> => {
  const driver = deps.storages.of(doc.provider, doc.kind);
  const start = deps.clock.monotonic();
  for (;;) {
    const removal = await driver.remove(placeOf(doc));
    if (removal === 'gone' || deps.clock.monotonic() - start > LONGEST_MS) return removal;
  }
};

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
): Promise<Removed> => {
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
  if (!marked) return 'kept';
  if ((await removeAtProvider(deps, marked)) === 'more') {
    await enqueueRest(deps, marked);
    return 'more';
  }
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
  return 'gone';
};

/** The task that goes on with a removal. One that was made again under the name is another one. */
export const goOnRemoving = (deps: Deps, { storage_id, key }: TaskPayload<'storage.remove'>): Promise<Removed> =>
  removeStorage(deps, systemCall('remove'), storage_id, (doc) => doc.removing && doc.key === key);
