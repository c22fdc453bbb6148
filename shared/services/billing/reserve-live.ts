import { replaceReservation } from '#domain/budget.ts';
import { epochMs } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { accounts, sessions } from '../model/collections.ts';
import { remainingReservation } from './reservation.ts';
import { accountOf } from './account.ts';

/**
 * Reserves what an owner's live sessions can still cost, once a budget wants that: they were created without one. What
 * they need may pass the budget, as they are kept; then nothing new is created until there is room.
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
  if (months !== account.months) draft.put(accounts, owner, { ...account, months });
};
