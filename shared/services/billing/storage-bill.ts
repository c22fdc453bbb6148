import { replaceReservation, reserves, storageReservation } from '#domain/budget.ts';
import { billForward, billToEnd, type Run, storageTariff } from '#domain/ledger.ts';
import { HOUR_MS, hourBefore, monthOf } from '#domain/months.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { billedStorage, budgetOf } from './prices.ts';
import { accounts, userKey } from '../model/collections.ts';
import type { StorageDoc } from '../model/docs.ts';
import { accountOf } from './account.ts';
import { userOrDefaults } from '../kernel/users.ts';
import { type Billing, billRun } from './bill-run.ts';

/** What the ledger's ids name: one made again under the name of a removed one begins a run of its own. */
const runOf = (doc: StorageDoc): string => `${doc.id}:${epochMs(doc.created_at)}`;

const bill = async (deps: Deps, draft: Draft, doc: StorageDoc, how: Billing): Promise<StorageDoc> => {
  const before: Run = {
    of: runOf(doc),
    origin: epochMs(doc.created_at),
    metered_until: epochMs(doc.metered_until),
    ledgered_until: epochMs(doc.ledgered_until),
    open_nano: doc.open_nano,
    // It is never given back: only what is open counts.
    billed_nano: doc.open_nano,
    segments: doc.segments,
    unpriced: {},
  };
  const billed = how(before, storageTariff(billedStorage(deps, doc), deps.settings.prices));
  const billee = {
    owner: doc.owner,
    user: doc.owner,
    workspace_id: doc.workspace_id,
    session_id: null,
    storage_id: doc.id,
    storage: { kind: doc.kind, name: doc.name },
    provider: doc.provider,
  };
  const held = { billee, reservation: doc.reservation, kind: 'storage', unpriced: {} } as const;
  return { ...doc, ...(await billRun(deps, draft, billed, held)) };
};

/** Bills a volume or bucket up to `to`, in the caller's transaction. A change of size is billed up to now first. */
export const billStorage = (deps: Deps, draft: Draft, doc: StorageDoc, to: number): Promise<StorageDoc> =>
  bill(deps, draft, doc, (run, tariff) => billForward(run, to, tariff));

/** Bills a volume or bucket that is gone. */
export const billStorageToEnd = (deps: Deps, draft: Draft, doc: StorageDoc, end: number): Promise<StorageDoc> =>
  bill(deps, draft, doc, (run, tariff) => billToEnd(run, Math.max(end, run.metered_until), tariff));

/** When the meter looks at it next: its bill changes at each full hour, what is in a bucket at any time. */
export const storageDue = (deps: Deps, kind: StorageDoc['kind']): string => {
  const now = deps.clock.now();
  const hour = hourBefore(now) + HOUR_MS;
  return iso(kind === 'volume' ? hour : Math.min(hour, now + deps.settings.meter_period_ms));
};

/** What of a month that has begun since is to be reserved anew; an old month's rest is given back. */
export const reserveNewMonth = async (deps: Deps, draft: Draft, doc: StorageDoc): Promise<StorageDoc> => {
  const month = monthOf(deps.clock.now());
  const owner = await userOrDefaults(deps, draft, doc.owner);
  const held = Object.keys(doc.reservation);
  if (!reserves(budgetOf(owner)) || held.includes(month)) return doc;
  const wanted = storageReservation(billedStorage(deps, doc), epochMs(doc.metered_until), deps.settings.prices);
  const account = await accountOf(draft, doc.owner);
  draft.put(accounts, userKey(doc.owner), {
    ...account,
    months: replaceReservation(account.months, doc.reservation, wanted, 'storage'),
  });
  return { ...doc, reservation: wanted };
};
