import { iso } from '#ports/clock.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { storage } from '../model/collections.ts';
import type { StorageDoc } from '../model/docs.ts';
import { placeOf } from '../model/places.ts';
import { billStorageTo, rollReservation } from '../billing/storage-bill.ts';
import { removeStorage } from '../lifecycle/remove-storage.ts';

/** A removal that was cut short, by a crash or its provider, goes on. */
const finishRemoval = async (deps: Deps, id: string): Promise<void> => {
  try {
    await removeStorage(deps, systemCall('remove'), id, ({ removing }) => removing);
  } catch (error) {
    deps.log.warn({ storage_id: id, err: error }, 'storage could not be removed; the next round tries again');
  }
};

/** What a bucket holds, MiB; null where it can't be measured now: it is billed all the same. */
const measured = async (deps: Deps, doc: StorageDoc): Promise<number | null> => {
  if (doc.kind !== 'bucket') return null;
  try {
    return await deps.storages.of(doc.provider, doc.kind).usage(placeOf(doc));
  } catch (error) {
    deps.log.warn({ storage_id: doc.id, err: error }, 'a bucket could not be measured; the next round tries again');
    return null;
  }
};

/** Bills every volume and bucket that is due, session or not, and notes which buckets hold more than their size. */
export const meterStorage = async (deps: Deps): Promise<{ looked: number }> => {
  const due: string[] = [];
  const query = { order: { field: 'meter_due', direction: 'asc' } as const, range: { lte: iso(deps.clock.now()) } };
  for await (const doc of everyDoc(deps.store, storage, query)) due.push(doc.id);
  for (const id of due) {
    const doc = (await deps.store.get(storage, id))?.data;
    if (!doc) continue;
    if (doc.removing) {
      await finishRemoval(deps, id);
      continue;
    }
    const used = await measured(deps, doc);
    await transact(deps.store, async (draft) => {
      const now = await draft.get(storage, id);
      if (!now || now.removing) return;
      const billed = await rollReservation(deps, draft, await billStorageTo(deps, draft, now, deps.clock.now()));
      draft.put(storage, id, {
        ...billed,
        over_limit: used === null ? billed.over_limit : used > billed.size_gb * 1024,
        meter_due: iso(deps.clock.now() + deps.settings.meter_period_ms),
      });
    });
  }
  return { looked: due.length };
};
