import { iso } from '#ports/clock.ts';
import { asManyAsFit } from '../kernel/batches.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { runOf } from '../kernel/run.ts';
import { beginEnd, type Begun } from '../lifecycle/begin-end.ts';
import { enqueueIntent } from '../lifecycle/intents.ts';
import { sessions } from '../model/collections.ts';

/** Sessions in one transaction: few enough that a change to one of them repeats little. */
const BATCH = 50;

interface Ended {
  readonly begun: readonly Begun[];
  /** Since when the last one was due; null where that was all. */
  readonly last: string | null;
}

const endDue = (deps: Deps, from: string | null, limit: number): Promise<Ended> =>
  transact(deps.store, async (draft) => {
    const lte = iso(deps.clock.now());
    const due = await draft.query(sessions, {
      order: { field: 'live_until', direction: 'asc' },
      range: from === null ? { lte } : { gte: from, lte },
      limit,
    });
    const call = systemCall('expire');
    return {
      begun: due.docs.map(({ data }) => beginEnd(deps, draft, call, data, { reason: 'expired' })),
      last: due.docs.length < limit ? null : (due.docs.at(-1)?.data.live_until ?? null),
    };
  });

/**
 * Ends every session whose time has come. It reads those alone, each once: the transaction that finds them is the one
 * that changes them, so that an extension made meanwhile wins. Each begins where the last one ended, as a store walks
 * over what was removed from a range.
 */
export const sweepExpired = async (deps: Deps): Promise<{ expired: number }> => {
  const run = runOf(deps);
  let expired = 0;
  let from: string | null = null;
  do {
    const { begun, last }: Ended = await asManyAsFit(BATCH, (limit) => endDue(deps, from, limit));
    // At once, so that the queue writes them together.
    await Promise.all(begun.map(({ intent }) => (intent ? enqueueIntent(deps, intent) : null)));
    expired += begun.filter(({ intent }) => intent !== null).length;
    from = last;
  } while (from !== null && !run.isOver());
  return { expired };
};
