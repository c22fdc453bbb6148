import type { z } from 'zod';
import type { User, UserPut } from '#contract/entities/user.ts';
import { reserves } from '#domain/budget.ts';
import { nanoUsd } from '#domain/money.ts';
import { refuseAgents } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { budgetOf } from '../billing/prices.ts';
import type { Draft } from '../kernel/draft.ts';
import { ALONE } from '../kernel/lanes.ts';
import { accountOf } from '../billing/account.ts';
import { meterEvery, meterPeriod, terminateAt } from '../billing/meter-period.ts';
import { accounts, userKey, users } from '../model/collections.ts';
import type { UserDoc } from '../model/docs.ts';
import { unknownUser } from '../kernel/users.ts';
import { reserveLive } from '../billing/reserve-live.ts';
import { userToWire } from './wire.ts';

/** Tells the meter at what an owner's live sessions end, and from when on it looks more often. */
const endAt = async (deps: Deps, draft: Draft, owner: string, terminate_nano: number | null): Promise<void> => {
  const account = await accountOf(draft, owner);
  const before = account.terminate_nano === 'unknown' ? null : account.terminate_nano;
  draft.put(accounts, userKey(owner), { ...account, terminate_nano });
  const every_ms = meterPeriod(deps, terminate_nano);
  if (every_ms !== meterPeriod(deps, before)) await meterEvery(deps, draft, owner, every_ms);
};

/** Says what a user is; what is left out stays as it is. Live sessions are kept even where a limit falls below them. */
export const putUser = (deps: Deps, call: Call, input: { user_id: string } & z.infer<typeof UserPut>) =>
  deps.lanes.add(
    input.user_id,
    async (draft): Promise<z.infer<typeof User>> => {
      refuseAgents(call);
      const before = (await draft.get(users, userKey(input.user_id))) ?? unknownUser(deps, input.user_id);
      const after: UserDoc = {
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
      };
      draft.put(users, userKey(input.user_id), after);
      if (!reserves(budgetOf(before)) && reserves(budgetOf(after))) await reserveLive(deps, draft, input.user_id);
      await endAt(deps, draft, input.user_id, terminateAt(budgetOf(after)));
      writeAudit(deps, draft, call, {
        target: input.user_id,
        detail: { before: userToWire(before), after: userToWire(after) },
      });
      return userToWire(after);
    },
    ALONE,
  );
