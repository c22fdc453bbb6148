import { decideBudget, reserves } from '#domain/budget.ts';
import { unboundedPrices } from '#domain/pricing.ts';
import type { Given, Plan } from '#ports/compute.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { userOrDefaults } from '../kernel/users.ts';
import { accounts, userKey } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { accountOf } from './account.ts';
import { assertFollowed } from './follow-budget.ts';
import { budgetOf } from './prices.ts';
import { remainingReservation } from './reservation.ts';

export type Rebilled =
  | { readonly ok: true; readonly session: SessionDoc }
  | { readonly ok: false; readonly message: string };

const withFacts = (plan: Plan, { spot, ...facts }: Given): Plan => ({
  ...plan,
  ...facts,
  ...(spot === undefined ? {} : { details: { ...plan.details, provisioning: spot ? 'spot' : 'on_demand' } }),
});

/** The session with what its provider really gave. One that is priced as if it ran elsewhere keeps that price. */
export const asGiven = (session: SessionDoc, given: Given | undefined): SessionDoc => {
  if (given === undefined) return session;
  const own = session.bill.shape === session.plan.shape;
  return {
    ...session,
    plan: withFacts(session.plan, given),
    bill: own ? withFacts(session.bill, given) : session.bill,
  };
};

/**
 * Bills a session by what its provider really gave, before anything is billed. What is reserved follows; where it no
 * longer fits the owner's budget, the session must not run.
 */
export const billAsGiven = async (
  deps: Deps,
  draft: Draft,
  session: SessionDoc,
  given: Given | undefined,
): Promise<Rebilled> => {
  if (given === undefined) return { ok: true, session };
  const rebilled = asGiven(session, given);
  const budget = budgetOf(await userOrDefaults(deps, draft, session.workspace_owner));
  if (!reserves(budget)) return { ok: true, session: rebilled };
  const account = await accountOf(draft, session.workspace_owner);
  assertFollowed(account, budget);
  const money = decideBudget({
    budget,
    months: account.months,
    now: deps.clock.now(),
    held: session.reservation,
    wanted: remainingReservation(deps, rebilled, Date.parse(session.expires_at)),
    plan: rebilled.bill,
    // A machine without a price was not what the budget was asked for.
    change: unboundedPrices(session.bill, deps.settings.prices).length === 0 ? 'raise' : 'keep',
    table: deps.settings.prices,
  });
  if (!money.ok) return { ok: false, message: money.message };
  draft.put(accounts, userKey(session.workspace_owner), { ...account, months: money.months });
  return { ok: true, session: { ...rebilled, reservation: money.reservation } };
};
