import type { Budget } from '#domain/budget.ts';
import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { userOrDefaults } from '../kernel/users.ts';
import type { AccountDoc, SessionDoc } from '../model/docs.ts';
import { budgetOf } from './prices.ts';

/** What may be spent before the meter ends live sessions; null where a budget does not want that. */
export const terminateAt = ({ action, limit_nano }: Budget): number | null =>
  action === 'terminate' ? limit_nano : null;

/** How often the meter looks at a session of such an owner, milliseconds. */
export const meterPeriod = ({ settings }: Pick<Deps, 'settings'>, terminate_nano: number | null): number =>
  terminate_nano === null ? settings.meter_period_ms : Math.min(settings.terminate_period_ms, settings.meter_period_ms);

/** The account with its owner's budget: on documents of earlier releases it is not yet there. */
export const withBudget = async (deps: Deps, draft: Draft, account: AccountDoc): Promise<AccountDoc> => {
  if (account.terminate_nano !== 'unknown' && account.budget !== 'unknown') return account;
  const budget = budgetOf(await userOrDefaults(deps, draft, account.owner));
  return { ...account, terminate_nano: terminateAt(budget), budget };
};

/** The session, to be looked at after the period of its owner. */
export const metered = (deps: Deps, session: SessionDoc, every_ms: number): SessionDoc => ({
  ...session,
  metered_every_ms: every_ms,
  meter_due: iso(deps.clock.now() + every_ms),
});
