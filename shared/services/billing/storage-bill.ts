import { replaceReservation, reserves, settle, storageReservation } from '#domain/budget.ts';
import { byMonth, storageSegments } from '#domain/ledger.ts';
import { monthOf } from '#domain/months.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { billedStorage, budgetOf } from './prices.ts';
import { accounts, ledger } from '../model/collections.ts';
import type { StorageDoc } from '../model/docs.ts';
import { accountOf } from './account.ts';
import { ensureUser } from '../kernel/users.ts';

/** What the ledger's ids name: one made again under the name of a removed one begins a run of its own. */
const runOf = (doc: StorageDoc): string => `${doc.id}:${epochMs(doc.created_at)}`;

/**
 * Brings a volume's or bucket's ledger up to `to`, in the caller's transaction, and reserves a month that has begun.
 * A change of size is billed at the old size up to now before it is made.
 */
export const billStorageTo = async (deps: Deps, draft: Draft, doc: StorageDoc, to: number): Promise<StorageDoc> => {
  const until = epochMs(doc.metered_until);
  if (to <= until) return doc;
  const table = deps.settings.prices;
  const storage = billedStorage(deps, doc);
  const segments = storageSegments({
    of: runOf(doc),
    n: doc.segments,
    origin: epochMs(doc.created_at),
    from: until,
    to,
    storage,
    table,
  });
  for (const segment of segments) {
    draft.create(ledger, segment.id, {
      ...segment,
      owner: doc.owner,
      user: doc.owner,
      workspace_id: doc.workspace_id,
      session_id: null,
      storage_id: doc.id,
      provider: doc.provider,
      at: iso(deps.clock.now()),
    });
  }
  const account = await accountOf(draft, doc.owner);
  const moved = settle(account.months, doc.reservation, byMonth(segments), 'storage');
  draft.put(accounts, doc.owner, { ...account, months: moved.months });
  return { ...doc, metered_until: iso(to), segments: doc.segments + segments.length, reservation: moved.reservation };
};

/** What of a month that has begun since is to be reserved anew; an old month's rest is given back. */
export const rollReservation = async (deps: Deps, draft: Draft, doc: StorageDoc): Promise<StorageDoc> => {
  const month = monthOf(deps.clock.now());
  const owner = await ensureUser(deps, draft, doc.owner);
  const held = Object.keys(doc.reservation);
  if (!reserves(budgetOf(owner)) || held.includes(month)) return doc;
  const wanted = storageReservation(billedStorage(deps, doc), epochMs(doc.metered_until), deps.settings.prices);
  const account = await accountOf(draft, doc.owner);
  draft.put(accounts, doc.owner, {
    ...account,
    months: replaceReservation(account.months, doc.reservation, wanted, 'storage'),
  });
  return { ...doc, reservation: wanted };
};
