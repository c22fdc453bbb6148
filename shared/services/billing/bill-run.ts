import { type Reservation, settle } from '#domain/budget.ts';
import type { Billed, Run, Tariff } from '#domain/ledger.ts';
import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { accounts, userKey } from '../model/collections.ts';
import { accountOf } from './account.ts';
import { type Billee, writeSegments } from './segments.ts';

/** How far a run is billed: forward, or to its end. */
export type Billing = (run: Run, tariff: Tariff) => Billed;

/** In the caller's transaction: the ledger, and the money that moves from reserved to spent. */
export const billRun = async (
  deps: Deps,
  draft: Draft,
  billed: Billed,
  { billee, reservation: held, kind }: { billee: Billee; reservation: Reservation; kind: 'session' | 'storage' },
) => {
  const { run, segments, months } = billed;
  await writeSegments(deps, draft, segments, billee);
  const account = await accountOf(draft, billee.owner);
  const moved = settle(account.months, held, months, kind);
  draft.put(accounts, userKey(billee.owner), { ...account, months: moved.months });
  return {
    metered_until: iso(run.metered_until),
    ledgered_until: iso(run.ledgered_until),
    open_nano: run.open_nano,
    segments: run.segments,
    reservation: moved.reservation,
  };
};
