import { iso } from '#ports/clock.ts';
import { accountOf } from '../billing/account.ts';
import { billStorage, reserveNewMonth, storageDue } from '../billing/storage-bill.ts';
import { batchesOf } from '../kernel/batches.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { unlessItFails } from '../kernel/unless-it-fails.ts';
import { removeStorage } from '../lifecycle/remove-storage.ts';
import { accounts, storage, userKey, users } from '../model/collections.ts';
import type { StorageDoc } from '../model/docs.ts';
import { placeOf } from '../model/places.ts';
import { sweepDue } from './pages.ts';

/** Pieces of one owner in one transaction. */
const BATCH = 50;
const PAGE = 200;
const ABREAST = 16;

interface Measured {
  readonly doc: StorageDoc;
  /** What a bucket holds, MiB; null where it can't be measured now: it is billed all the same. */
  readonly used: number | null;
}

/** A removal that was cut short, by a crash or its provider, goes on. */
const finishRemoval = (deps: Deps, id: string): Promise<void> =>
  unlessItFails(deps, { storage_id: id }, 'storage could not be removed; the next round tries again', () =>
    removeStorage(deps, systemCall('remove'), id, ({ removing }) => removing),
  );

const measured = async (deps: Deps, doc: StorageDoc): Promise<Measured> => {
  if (doc.kind !== 'bucket') return { doc, used: null };
  try {
    return { doc, used: await deps.storages.of(doc.provider, doc.kind).usage(placeOf(doc)) };
  } catch (error) {
    deps.log.warn({ storage_id: doc.id, err: error }, 'a bucket could not be measured; the next round tries again');
    return { doc, used: null };
  }
};

/** Bills pieces of one owner, and notes which buckets hold more than their size. */
const bill = async (deps: Deps, draft: Draft, owner: string, pieces: readonly Measured[]): Promise<void> => {
  await draft.prefetch([
    [accounts, userKey(owner)],
    [users, userKey(owner)],
    ...pieces.map(({ doc }) => [storage, doc.id] as const),
  ]);
  await accountOf(draft, owner);
  for (const { doc, used } of pieces) {
    const now = await draft.get(storage, doc.id);
    if (!now || now.removing) continue;
    const billed = await reserveNewMonth(deps, draft, await billStorage(deps, draft, now, deps.clock.now()));
    draft.put(storage, doc.id, {
      ...billed,
      over_limit: used === null ? billed.over_limit : used > billed.size_gb * 1024,
      meter_due: storageDue(deps, billed.kind),
    });
  }
};

const billOwner = async (deps: Deps, owner: string, pieces: readonly Measured[]): Promise<void> => {
  for (const batch of batchesOf(pieces, BATCH)) {
    await unlessItFails(deps, { owner }, 'what an owner’s storage costs was not recorded; the next round does', () =>
      deps.lanes.add(owner, (draft) => bill(deps, draft, owner, batch), batch.length * 3),
    );
  }
};

/** Bills every volume and bucket that is due, session or not. */
export const meterStorage = async (deps: Deps): Promise<{ looked: number }> => {
  const until = iso(deps.clock.now());
  const due = { job: 'meter-storage', collection: storage, field: 'meter_due', until, page: PAGE } as const;
  const looked = await sweepDue(deps, due, async (docs) => {
    const leaving = docs.filter(({ data }) => data.removing);
    const kept = docs.filter(({ data }) => !data.removing);
    for (const batch of batchesOf(leaving, ABREAST)) await Promise.all(batch.map(({ id }) => finishRemoval(deps, id)));
    const pieces: Measured[] = [];
    for (const batch of batchesOf(kept, ABREAST))
      pieces.push(...(await Promise.all(batch.map(({ data }) => measured(deps, data)))));
    const byOwner = Map.groupBy(pieces, ({ doc }) => doc.owner);
    await Promise.all([...byOwner].map(([owner, mine]) => billOwner(deps, owner, mine)));
  });
  return { looked };
};
