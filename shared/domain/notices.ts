import type { Budget, Month, Months } from './budget.ts';

/** Shares of a budget of which its owner is told, in percent. */
const BUDGET_THRESHOLDS = [50, 80, 100] as const;
/** So long before a session ends it is told. */
export const END_NOTICE_MS = 5 * 60_000;
/** A session with a shorter life has no notice: half of its life or more would be over after it. */
const SHORTEST_LIFE_MS = 10 * 60_000;

/** When the end of a session is told, epoch milliseconds; null for a short life. */
export const endNoticeAt = (created_at: number, expires_at: number): number | null =>
  expires_at - created_at < SHORTEST_LIFE_MS ? null : expires_at - END_NOTICE_MS;

/** What of a month counts against the budget: unknown prices at their bound under `refuse`, as creates count them. */
export const usedOf = (budget: Budget, { spent, unpriced = 0 }: Month): number =>
  budget.action === 'refuse' ? spent + unpriced : spent;

const isReached = (limit: number, used: number, percent: number): boolean => used > 0 && used * 100 >= limit * percent;

/** Thresholds that a month has reached and of which its owner was not told, the lowest first. */
export const dueThresholds = (budget: Budget, month: Month): readonly number[] => {
  const limit = budget.limit_nano;
  if (limit === null) return [];
  const told = month.noticed ?? 0;
  return BUDGET_THRESHOLDS.filter((percent) => percent > told && isReached(limit, usedOf(budget, month), percent));
};

/**
 * The months under a new budget. What was told stays told as far as the new budget is used as well; the thresholds
 * above it are told again when they are reached.
 */
export const rearmNotices = (budget: Budget, months: Months): Months => {
  const limit = budget.limit_nano;
  const rearmed = Object.entries(months).map(([name, month]) => {
    const { noticed = 0, ...rest } = month;
    const still = BUDGET_THRESHOLDS.findLast(
      (percent) => limit !== null && percent <= noticed && isReached(limit, usedOf(budget, month), percent),
    );
    return [name, still === undefined ? rest : { ...rest, noticed: still }] as const;
  });
  return Object.fromEntries(rearmed);
};
