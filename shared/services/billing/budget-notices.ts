import type { TaskPayload } from '#contract/tasks.ts';
import { usd } from '#domain/money.ts';
import { dueThresholds, usedOf } from '#domain/notices.ts';
import { hashedName } from '#domain/names.ts';
import type { Budget, Month } from '#domain/budget.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { type Notice, writeNotice } from '../kernel/notices.ts';
import type { AccountDoc } from '../model/docs.ts';
import { withBudget } from './meter-period.ts';

/** The transaction that writes the entry has ended by then, as a rule. */
const AFTER_COMMIT_MS = 2_000;

/**
 * Enqueued before the entry is committed: then a crash loses no delivery. If the entry never is committed, the task
 * finds none and ends.
 */
const enqueueSend = async (deps: Deps, { entry_id }: Notice): Promise<boolean> => {
  const payload: TaskPayload<'notice.send'> = { v: 1, entry_id, attempt: 1 };
  try {
    await deps.queue.enqueue({
      name: hashedName('snd', entry_id, '1'),
      task: 'notice.send',
      payload,
      at: deps.clock.now() + AFTER_COMMIT_MS,
    });
    return true;
  } catch (error) {
    deps.log.warn({ entry_id, err: error }, 'a notice was not enqueued; the next bill of this owner tries again');
    return false;
  }
};

const noticeMonth = async (
  deps: Deps,
  draft: Draft,
  owner: string,
  budget: Budget,
  name: string,
  month: Month,
): Promise<Month> => {
  let after = month;
  for (const percent of dueThresholds(budget, month)) {
    const notice: Notice = { entry_id: deps.ids.next('evt'), kind: 'budget.threshold', users: [owner] };
    if (!(await enqueueSend(deps, notice))) return after;
    writeNotice(deps, draft, notice, {
      workspace_owner: owner,
      detail: {
        percent,
        month: name,
        budget_usd: usd(budget.limit_nano ?? 0),
        used_usd: usd(usedOf(budget, month)),
        budget_action: budget.action,
      },
    });
    after = { ...after, noticed: percent };
  }
  return after;
};

/**
 * The account after money was spent in these months, in the caller's transaction: each threshold that a month has
 * reached is told in an audit entry of its owner, and noted on the account, so that it is told once.
 */
export const noticeBudget = async (
  deps: Deps,
  draft: Draft,
  billed: AccountDoc,
  months: readonly string[],
): Promise<AccountDoc> => {
  const account = await withBudget(deps, draft, billed);
  const { budget } = account;
  if (budget === 'unknown' || budget.limit_nano === null) return account;
  const after = { ...account.months };
  for (const name of months) {
    const month = after[name];
    if (month) after[name] = await noticeMonth(deps, draft, account.owner, budget, name, month);
  }
  return { ...account, months: after };
};
