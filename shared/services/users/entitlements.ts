import type { z } from 'zod';
import type { Entitlements } from '#contract/entities/user.ts';
import { type Budget, monthIn } from '#domain/budget.ts';
import { allowedPackages, ENTITLEMENTS } from '#domain/entitlements.ts';
import { usd } from '#domain/money.ts';
import { monthOf } from '#domain/months.ts';
import { confinementOf, pathUser, refuseSessionKeys } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import { meterPeriod, terminateAt } from '../billing/meter-period.ts';
import { budgetOf } from '../billing/prices.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { everyDoc } from '../kernel/pages.ts';
import { userKey, users, workspaces } from '../model/collections.ts';
import type { AccountDoc } from '../model/docs.ts';
import { accountOf } from '../billing/account.ts';
import { unknownUser } from '../kernel/users.ts';
import { sessionLimit } from './wire.ts';

/** What the figures of a budget do not say. */
const noteOn = (deps: Deps, budget: Budget, account: AccountDoc): string | null => {
  if (budget.action === 'terminate') {
    const seconds = Math.round(meterPeriod(deps, terminateAt(budget)) / 1000);
    return `Live sessions are ended at the next look of the meter: at most ${seconds} s of overshoot each.`;
  }
  return account.budget_walk === undefined ? null : 'What is live is still being reserved for the new budget.';
};

/** Every limit of a user with what is used of it. For the user too, not only for admins. */
export const getEntitlements = async (
  deps: Deps,
  call: Call,
  input: { user_id: string },
): Promise<z.infer<typeof Entitlements>> => {
  refuseSessionKeys(call);
  const userId = pathUser(call, input.user_id);
  const only = confinementOf(call.actor);
  const lookup = lookupIn(deps.store);
  const user = (await lookup.get(users, userKey(userId))) ?? unknownUser(deps, userId);
  const account = await accountOf(lookup, userId);
  const limits = ENTITLEMENTS[user.user_type];
  const storage: z.infer<typeof Entitlements>['storage'] = [];
  for await (const doc of everyDoc(deps.store, workspaces, {
    where: { owner: userId },
    order: { field: 'workspace_id', direction: 'asc' },
  })) {
    if (doc.status === 'deleted' && doc.retained_until === null) continue;
    if (only && (only.owner !== doc.owner || only.workspace_id !== doc.workspace_id)) continue;
    storage.push({
      workspace_id: doc.workspace_id,
      buckets: { limit: limits.buckets, used: doc.buckets },
      volumes: { limit: limits.volumes, used: doc.volumes },
      storage_gb: { limit: limits.storage_gb, used: doc.storage_gb },
    });
  }
  const month = monthOf(deps.clock.now());
  const money = monthIn(account.months, month);
  const note = noteOn(deps, budgetOf(user), account);
  return {
    user_id: userId,
    user_type: user.user_type,
    workspaces: { limit: limits.workspaces, used: account.workspaces },
    concurrent_sessions: { limit: sessionLimit(user), used: account.live_sessions },
    per_workspace: { buckets: limits.buckets, volumes: limits.volumes, storage_gb: limits.storage_gb },
    storage,
    allowed_packages: allowedPackages(user.user_type).map(({ name }) => name),
    allowed_gpus: [...limits.gpu_types],
    sharing: limits.sharing,
    cross_namespace: limits.cross_namespace,
    budget:
      user.monthly_budget_nano === null
        ? null
        : {
            month,
            monthly_budget_usd: usd(user.monthly_budget_nano),
            budget_action: user.budget_action,
            spent_usd: usd(money.spent),
            unpriced_at_most_usd: usd(money.unpriced ?? 0),
            reserved_usd: usd(money.reserved),
            ...(note === null ? {} : { note }),
          },
  };
};
