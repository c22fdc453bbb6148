import { replaceReservation, storageReservation } from '#domain/budget.ts';
import { epochMs } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { accounts, sessions, storage, userKey } from '../model/collections.ts';
import { remainingReservation } from './reservation.ts';
import { accountOf } from './account.ts';
import { billedStorage } from './prices.ts';

/**
 * Reserves what an owner's live sessions and storage can still cost, once a budget wants that: they were made without
 * one. What they need may pass the budget, as they are kept; then nothing new is created until there is room.
 */
export const reserveLive = async (deps: Deps, draft: Draft, owner: string): Promise<void> => {
  const account = await accountOf(draft, owner);
  let { months } = account;
  for await (const session of everyDoc(draft, sessions, {
    where: { workspace_owner: owner, live: true },
    order: { field: 'id', direction: 'asc' },
  })) {
    const wanted = remainingReservation(deps, session, epochMs(session.expires_at));
    months = replaceReservation(months, session.reservation, wanted, 'session');
    draft.put(sessions, session.id, { ...session, reservation: wanted });
  }
  for await (const piece of everyDoc(draft, storage, {
    where: { owner },
    order: { field: 'name', direction: 'asc' },
  })) {
    const from = epochMs(piece.metered_until);
    const wanted = storageReservation(billedStorage(deps, piece), from, deps.settings.prices);
    months = replaceReservation(months, piece.reservation, wanted, 'storage');
    draft.put(storage, piece.id, { ...piece, reservation: wanted });
  }
  if (months !== account.months) draft.put(accounts, userKey(owner), { ...account, months });
};
