import { iso } from '#ports/clock.ts';
import type { Doc } from '#ports/store.ts';
import { batchesOf } from '../kernel/batches.ts';
import type { Deps } from '../kernel/deps.ts';
import { unlessItFails } from '../kernel/unless-it-fails.ts';
import { intents } from '../model/collections.ts';
import type { IntentDoc } from '../model/docs.ts';
import { runOf } from '../kernel/run.ts';
import { sweepDue } from './pages.ts';
import { takeUp } from './take-up.ts';

const PAGE = 200;
/** A queue that does not answer keeps each of them waiting for some seconds. */
const ABREAST = 16;

/** After any instant of a record. */
const EVER = '9999-12-31T23:59:59.999Z';

/**
 * The safety net of the fast path: every intent that was not finished in time gets a new attempt, and its next time,
 * whatever the queue says of it. An intent whose names are used up, or that can’t be written, hides none behind it. Where
 * the queue takes nothing, the sweep takes the steps itself, as far as its time goes.
 * @param everything also those whose time has not come: at the start of a server, when nothing else is at work on them
 */
export const sweepIntents = async (deps: Deps, everything = false): Promise<{ taken: number }> => {
  const [job, until] = everything ? ['intents at start', EVER] : ['intents', iso(deps.clock.now())];
  const due = { job, collection: intents, field: 'next_at', until, page: PAGE } as const;
  const { isOver } = runOf(deps);
  const take = (intent: Doc<IntentDoc>): Promise<void> =>
    unlessItFails(deps, { intent_id: intent.id }, 'an open intent was not taken up; the next sweep does', () =>
      takeUp(deps, intent, isOver),
    );
  const taken = await sweepDue(deps, due, async (docs) => {
    for (const batch of batchesOf(docs, ABREAST)) await Promise.all(batch.map(take));
  });
  return { taken };
};
