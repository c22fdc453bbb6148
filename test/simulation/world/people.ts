import type { UserType } from '#contract/entities/user.ts';
import type { Random } from '../kernel/random.ts';

/** The users of one schedule, with their limits. */
export interface Person {
  readonly id: string;
  readonly type: UserType;
  readonly sessions: number | null;
  readonly budget_usd: number | null;
  readonly action: 'refuse' | 'terminate';
}

/** Between the cost of one session and an amount that no schedule spends. */
const budgetOf = (random: Random): number => 0.003 * 10 ** (random.fraction() * random.pick([1, 1.5, 3]));

/**
 * A budget with `refuse` can only be kept if the provider ends sessions at their deadline itself; with `fuse` it does
 * not.
 */
export const peopleOf = (random: Random, fuse: boolean): readonly Person[] =>
  ['ann', 'bob', 'cyd'].slice(0, random.whole(2, 3)).map((id) => {
    const action = fuse ? ('terminate' as const) : random.pick(['refuse', 'refuse', 'terminate'] as const);
    const budget = random.chance(0.5) ? budgetOf(random) : null;
    return {
      id,
      type: random.pick(['free', 'pro', 'pro', 'enterprise'] as const),
      sessions: random.chance(0.35) ? random.whole(1, 4) : null,
      // A small amount, because otherwise no schedule spends it and no session is ever terminated.
      budget_usd: budget !== null && action === 'terminate' ? budget / 4 : budget,
      action,
    };
  });
