import { Problem } from '#contract/errors.ts';
import { type Budget, replaceReservation, reserves, storageReservation } from '#domain/budget.ts';
import { epochMs } from '#ports/clock.ts';
import { asManyAsFit, MOST_CHANGED } from '../kernel/batches.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { ALONE } from '../kernel/lanes.ts';
import { userOrDefaults } from '../kernel/users.ts';
import { accounts, sessions, storage, userKey, users } from '../model/collections.ts';
import type { AccountDoc, SessionDoc, StorageDoc } from '../model/docs.ts';
import { accountOf } from './account.ts';
import { metered, meterPeriod, terminateAt } from './meter-period.ts';
import { billedStorage, budgetOf } from './prices.ts';
import { remainingReservation } from './reservation.ts';

/*
 * How live sessions and storage follow their owner's new budget.
 *
 * An owner may have more of them than one transaction takes, so they follow in batches. The user's document says the
 * new budget first, in one transaction with `budget_walk` on the account; the batches come after. From that
 * transaction on each create reserves, so that only what was live before it lacks a reservation, and its number only
 * falls. As long as the walk is under way what is reserved is too little to decide by: under `refuse` a create, a
 * later end and a more costly machine finish the walk first (`afterWalk`). So at no instant are costs accepted beside
 * sessions whose own are not reserved.
 *
 * Reservations first and the user last was rejected: creates between two batches would reserve nothing, and the
 * transaction that says `refuse` would have to find all of them at once.
 *
 * The account keeps where the walk is, in the transaction of each batch. So a crash loses nothing: the next caller
 * (the same PUT again, another one, a create, an extension) continues there, and several that walk at once share one
 * walk. A PUT that changes the budget again begins the walk anew. To reserve twice is to reserve once.
 */

/** Each batch writes the account too. */
const BATCH = MOST_CHANGED - 1;

/** Where a walk begins: every id is above. */
export const FIRST_STEP: NonNullable<AccountDoc['budget_walk']> = { of: 'sessions', after: '' };

class WalkUnderWay extends Problem {
  constructor() {
    const message =
      'What is live is still being reserved for the owner’s new budget. Make the same call again shortly.';
    super('unavailable', message, { retry_after: 1 });
  }
}

/** For whatever raises what an owner may have to pay. @throws Problem unavailable, which `afterWalk` takes */
export const assertFollowed = (account: AccountDoc, budget: Budget): void => {
  if (account.budget_walk !== undefined && reserves(budget)) throw new WalkUnderWay();
};

/** What a live session reserves under the budget, and when the meter looks at it. */
const sessionUnder = (deps: Deps, budget: Budget, session: SessionDoc): SessionDoc => {
  const every_ms = meterPeriod(deps, terminateAt(budget));
  const again =
    session.meter_due === null ? { ...session, metered_every_ms: every_ms } : metered(deps, session, every_ms);
  const timed = session.metered_every_ms === every_ms ? session : again;
  if (!reserves(budget)) return timed;
  return { ...timed, reservation: remainingReservation(deps, session, epochMs(session.expires_at)) };
};

const storageUnder = (deps: Deps, piece: StorageDoc): StorageDoc => ({
  ...piece,
  reservation: storageReservation(billedStorage(deps, piece), epochMs(piece.metered_until), deps.settings.prices),
});

/** The next of them by id; what they need may pass the budget, as they are kept. @returns the account after them */
const step = async (
  deps: Deps,
  draft: Draft,
  account: AccountDoc,
  budget: Budget,
  limit: number,
): Promise<AccountDoc> => {
  const { budget_walk: walk = FIRST_STEP, ...followed } = account;
  const { owner } = account;
  const next = { order: { field: 'id', direction: 'asc' }, range: { gt: walk.after }, limit } as const;
  let { months } = account;
  let last: string | undefined;
  if (walk.of === 'sessions') {
    const { docs } = await draft.query(sessions, { where: { workspace_owner: owner, live: true }, ...next });
    for (const { id, data } of docs) {
      const after = sessionUnder(deps, budget, data);
      months = replaceReservation(months, data.reservation, after.reservation, 'session');
      draft.put(sessions, id, after);
    }
    last = docs.length < limit ? undefined : docs.at(-1)?.id;
    if (last === undefined && reserves(budget))
      return { ...followed, months, budget_walk: { of: 'storage', after: '' } };
  } else if (reserves(budget)) {
    const { docs } = await draft.query(storage, { where: { owner }, ...next });
    for (const { id, data } of docs) {
      const after = storageUnder(deps, data);
      months = replaceReservation(months, data.reservation, after.reservation, 'storage');
      draft.put(storage, id, after);
    }
    last = docs.length < limit ? undefined : docs.at(-1)?.id;
  }
  return last === undefined
    ? { ...followed, months }
    : { ...followed, months, budget_walk: { of: walk.of, after: last } };
};

/** @returns whether there is more to walk */
const walkOn = async (deps: Deps, draft: Draft, owner: string, limit: number): Promise<boolean> => {
  await draft.prefetch([
    [accounts, userKey(owner)],
    [users, userKey(owner)],
  ]);
  const account = await accountOf(draft, owner);
  if (account.budget_walk === undefined) return false;
  const after = await step(deps, draft, account, budgetOf(await userOrDefaults(deps, draft, owner)), limit);
  draft.put(accounts, userKey(owner), after);
  return after.budget_walk !== undefined;
};

/** Goes on with the walk of an owner's live sessions and storage to its end, whoever began it. */
export const followBudget = async (deps: Deps, owner: string): Promise<void> => {
  const walk = (limit: number) => deps.lanes.add(owner, (draft) => walkOn(deps, draft, owner, limit), ALONE);
  while (await asManyAsFit(BATCH, walk));
};

/** Runs what raises an owner's costs; where that meets a walk under way, the walk is finished first. */
export const afterWalk = async <R>(deps: Deps, owner: string, run: () => Promise<R>): Promise<R> => {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof WalkUnderWay)) throw error;
    await followBudget(deps, owner);
    return run();
  }
};
