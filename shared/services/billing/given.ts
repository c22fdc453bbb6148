import { decideBudget, reserves } from '#domain/budget.ts';
import type { Given, Plan } from '#ports/compute.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { ensureUser } from '../kernel/users.ts';
import { accounts } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { accountOf } from './account.ts';
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
  const plan = withFacts(session.plan, given);
  // A session that is priced as if it ran elsewhere keeps that price.
  const bill = session.bill.shape === session.plan.shape ? withFacts(session.bill, given) : session.bill;
  const rebilled: SessionDoc = { ...session, plan, bill };
  const budget = budgetOf(await ensureUser(deps, draft, session.workspace_owner));
  if (!reserves(budget)) return { ok: true, session: rebilled };
  const account = await accountOf(draft, session.workspace_owner);
  const money = decideBudget({
    budget,
    months: account.months,
    now: deps.clock.now(),
    held: session.reservation,
    wanted: remainingReservation(deps, rebilled, Date.parse(session.expires_at)),
    plan: bill,
    create: false,
    table: deps.settings.prices,
  });
  if (!money.ok) return { ok: false, message: money.message };
  draft.put(accounts, session.workspace_owner, { ...account, months: money.months });
  return { ok: true, session: { ...rebilled, reservation: money.reservation } };
};
