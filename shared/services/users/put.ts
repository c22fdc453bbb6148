import type { z } from 'zod';
import type { User, UserPut } from '#contract/entities/user.ts';
import { reserves } from '#domain/budget.ts';
import { rearmNotices } from '#domain/notices.ts';
import { nanoUsd } from '#domain/money.ts';
import { refuseAgents } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { budgetOf } from '../billing/prices.ts';
import type { Draft } from '../kernel/draft.ts';
import { accountOf } from '../billing/account.ts';
import { FIRST_STEP, followBudget } from '../billing/follow-budget.ts';
import { meterPeriod, terminateAt } from '../billing/meter-period.ts';
import { accounts, userKey, users } from '../model/collections.ts';
import type { UserDoc } from '../model/docs.ts';
import { unknownUser } from '../kernel/users.ts';
import { userToWire } from './wire.ts';

type Input = { user_id: string } & z.infer<typeof UserPut>;

interface Written {
  readonly user: UserDoc;
  /** Whether what is live does not follow its budget yet. */
  readonly walking: boolean;
}

/** The user with what was given. One whose deletion was cut short is kept after all. */
const userWith = ({ deleting: _, ...before }: UserDoc, input: Input): UserDoc => ({
  ...before,
  user_type: input.user_type ?? before.user_type,
  max_concurrent_sessions:
    input.max_concurrent_sessions === undefined ? before.max_concurrent_sessions : input.max_concurrent_sessions,
  monthly_budget_nano:
    input.monthly_budget_usd === undefined
      ? before.monthly_budget_nano
      : input.monthly_budget_usd === null
        ? null
        : nanoUsd(input.monthly_budget_usd),
  budget_action: input.budget_action ?? before.budget_action,
});

/**
 * Tells the account at what its owner's live sessions end, and whether what is live has to follow: to be reserved, or
 * to be looked at more or less often. A walk that an earlier change began and that is not over counts as well.
 */
const tellAccount = async (deps: Deps, draft: Draft, before: UserDoc, after: UserDoc): Promise<boolean> => {
  const account = await accountOf(draft, after.user_id);
  const told = account.terminate_nano === 'unknown' ? null : account.terminate_nano;
  const terminate_nano = terminateAt(budgetOf(after));
  const begins =
    (!reserves(budgetOf(before)) && reserves(budgetOf(after))) ||
    meterPeriod(deps, told) !== meterPeriod(deps, terminate_nano);
  const budget_walk = begins ? FIRST_STEP : account.budget_walk;
  draft.put(accounts, userKey(after.user_id), {
    ...account,
    terminate_nano,
    budget: budgetOf(after),
    months: rearmNotices(budgetOf(after), account.months),
    ...(budget_walk ? { budget_walk } : {}),
  });
  return budget_walk !== undefined;
};

const write = async (deps: Deps, draft: Draft, call: Call, input: Input): Promise<Written> => {
  refuseAgents(call);
  const before = (await draft.get(users, userKey(input.user_id))) ?? unknownUser(deps, input.user_id);
  const user = userWith(before, input);
  draft.put(users, userKey(input.user_id), user);
  const walking = await tellAccount(deps, draft, before, user);
  writeAudit(deps, draft, call, {
    target: input.user_id,
    detail: { before: userToWire(before), after: userToWire(user) },
  });
  return { user, walking };
};

/**
 * Says what a user is; what is left out stays as it is. Live sessions are kept even where a limit falls below them. A
 * new budget counts at once; the call is answered when what is live follows it, and repeated where it was cut off.
 */
export const putUser = async (deps: Deps, call: Call, input: Input): Promise<z.infer<typeof User>> => {
  const { user, walking } = await deps.lanes.add(input.user_id, (draft) => write(deps, draft, call, input));
  if (walking) await followBudget(deps, input.user_id);
  return userToWire(user);
};
