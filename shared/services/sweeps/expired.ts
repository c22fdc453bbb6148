import { iso } from '#ports/clock.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { sessions } from '../model/collections.ts';
import { beginEnd } from '../lifecycle/begin-end.ts';
import { enqueueIntent } from '../lifecycle/intents.ts';

/** Sessions in one transaction: few enough that a change to one of them repeats little. */
const BATCH = 50;

/**
 * Ends every session whose time has come. It reads those alone, each once: the transaction that finds them is the one
 * that changes them, so that an extension made meanwhile wins.
 */
export const sweepExpired = async (deps: Deps): Promise<{ expired: number }> => {
  let expired = 0;
  for (;;) {
    const { begun, found } = await transact(deps.store, async (draft) => {
      const due = await draft.query(sessions, {
        order: { field: 'live_until', direction: 'asc' },
        range: { lte: iso(deps.clock.now()) },
        limit: BATCH,
      });
      const call = systemCall('expire');
      return {
        found: due.docs.length,
        begun: due.docs.map(({ data }) => beginEnd(deps, draft, call, data, { reason: 'expired' })),
      };
    });
    // At once, so that the queue writes them together.
    await Promise.all(begun.map(({ intent }) => (intent ? enqueueIntent(deps, intent) : null)));
    expired += begun.filter(({ intent }) => intent !== null).length;
    if (found < BATCH) return { expired };
  }
};
