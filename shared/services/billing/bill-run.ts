import { type Reservation, settle } from '#domain/budget.ts';
import type { Billed, Run, Tariff } from '#domain/ledger.ts';
import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { accounts, userKey } from '../model/collections.ts';
import { accountOf } from './account.ts';
import { noticeBudget } from './budget-notices.ts';
import { type Billee, writeSegments } from './segments.ts';

/** How far a run is billed: forward, or to its end. */
export type Billing = (run: Run, tariff: Tariff) => Billed;

interface Held {
  readonly billee: Billee;
  readonly reservation: Reservation;
  readonly kind: 'session' | 'storage';
  /** What of the run was unpriced before. */
  readonly unpriced: Run['unpriced'];
}

/** By month, what `after` has more than `before`, or less. */
const growth = (before: Run['unpriced'], after: Run['unpriced']): Run['unpriced'] =>
  Object.fromEntries(
    Object.keys({ ...before, ...after }).map((month) => [month, (after[month] ?? 0) - (before[month] ?? 0)]),
  );

/** In the caller's transaction: the ledger, and the money that moves from reserved to spent or to unpriced. */
export const billRun = async (
  deps: Deps,
  draft: Draft,
  billed: Billed,
  { billee, reservation: held, kind, unpriced }: Held,
) => {
  const { run, segments, months } = billed;
  await writeSegments(deps, draft, segments, billee);
  const account = await accountOf(draft, billee.owner);
  const moved = settle(account.months, held, months, kind, growth(unpriced, run.unpriced));
  const after = await noticeBudget(deps, draft, { ...account, months: moved.months }, Object.keys(months));
  draft.put(accounts, userKey(billee.owner), after);
  return {
    metered_until: iso(run.metered_until),
    ledgered_until: iso(run.ledgered_until),
    open_nano: run.open_nano,
    segments: run.segments,
    reservation: moved.reservation,
  };
};
