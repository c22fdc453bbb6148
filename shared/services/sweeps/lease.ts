import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { leases } from '../model/collections.ts';
import type { LeaseDoc } from '../model/docs.ts';

/** One lease for all timed jobs: the jobs of two schedulers never run at once. */
const ID = 'tick';
/** Longer than a tick takes, and less than two minutes: so long a scheduler that was killed keeps the others waiting. */
export const LEASE_MS = 90_000;
/** Clocks of two instances differ by less. By one that is behind, a lease ends so much later. */
export const SKEW_MS = 29_000;

const FIRST: LeaseDoc = { holder: null, until: iso(0), next: null, ended_at: null, figures: {} };

/** A lease that ends later than any that could be given now, by any clock, is of a clock that was wrong. */
const isHeld = ({ holder, until }: LeaseDoc, now: number): boolean =>
  holder !== null && epochMs(until) > now && epochMs(until) - now <= LEASE_MS + SKEW_MS;

/** @returns the lease as it is held now; null where another run holds it */
export const takeLease = (deps: Pick<Deps, 'store' | 'clock' | 'ids'>): Promise<LeaseDoc | null> => {
  const holder = deps.ids.next('run');
  return transact(deps.store, async (draft) => {
    const now = deps.clock.now();
    const found = (await draft.get(leases, ID)) ?? FIRST;
    // After a commit whose answer was lost this may be its second run.
    if (isHeld(found, now) && found.holder !== holder) return null;
    const held: LeaseDoc = { ...found, holder, until: iso(now + LEASE_MS) };
    draft.put(leases, ID, held);
    return held;
  });
};

/** What a run leaves to the next one. */
export type Left = Pick<LeaseDoc, 'next' | 'figures'>;

/** Gives the lease back. One that ran out, and that another run has taken, is left to it. */
export const giveLeaseBack = (deps: Pick<Deps, 'store' | 'clock'>, held: LeaseDoc, left: Left): Promise<void> =>
  transact(deps.store, async (draft) => {
    const found = await draft.get(leases, ID);
    if (found?.holder !== held.holder) return;
    const now = iso(deps.clock.now());
    draft.put(leases, ID, {
      ...found,
      holder: null,
      until: now,
      ended_at: now,
      next: left.next,
      figures: { ...found.figures, ...left.figures },
    });
  });

/** The lease as it is on record: for an operator, who is to see that the jobs run. */
export const readLease = async ({ store }: Pick<Deps, 'store'>): Promise<LeaseDoc> =>
  (await store.get(leases, ID))?.data ?? FIRST;
