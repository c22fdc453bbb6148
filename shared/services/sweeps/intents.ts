import { iso } from '#ports/clock.ts';
import type { Doc } from '#ports/store.ts';
import type { Deps } from '../kernel/deps.ts';
import { runOf } from '../kernel/run.ts';
import { intents } from '../model/collections.ts';
import type { IntentDoc } from '../model/docs.ts';
import { retryIntent } from '../lifecycle/intents.ts';

/** How many intents one sweep takes up; the next one takes the rest. */
const MOST = 500;

/**
 * The safety net of the fast path: every intent that was not finished in time gets a new attempt.
 * @param everything also those whose time has not come: at the start of a server, when nothing else is at work on them
 */
export const sweepIntents = async (deps: Deps, everything = false): Promise<{ taken: number }> => {
  const due = await deps.store.query(intents, {
    order: { field: 'next_at', direction: 'asc' },
    ...(everything ? {} : { range: { lte: iso(deps.clock.now()) } }),
    limit: MOST,
  });
  const take = (intent: Doc<IntentDoc>) =>
    retryIntent(deps, intent, intent.data.last_error, 'now').catch((error: unknown) => {
      deps.log.warn({ intent_id: intent.id, err: error }, 'an open intent was not taken up; the next sweep does');
    });
  const run = runOf(deps);
  let taken = 0;
  for (const doc of due.docs) {
    await take(doc);
    taken += 1;
    // What is taken is due later, so the next sweep begins with the rest.
    if (run.isOver()) break;
  }
  return { taken };
};
