import type { Doc } from '#ports/store.ts';
import type { Deps } from '../kernel/deps.ts';
import { convergeSession } from '../lifecycle/converge.ts';
import { retryIntent } from '../lifecycle/intents.ts';
import type { IntentDoc } from '../model/docs.ts';

/**
 * Gives an open intent its next attempt now. Where the queue does not take it, no worker would do it before the
 * queue is back, so that its step is taken here. The step may run twice at once, as every step may.
 * @param isOver whether the time of the sweep is over: then the step is left to the next one
 */
export const takeUp = async (deps: Deps, intent: Doc<IntentDoc>, isOver: () => boolean): Promise<void> => {
  const left = await retryIntent(deps, intent, intent.data.last_error, 'now');
  if (left === null || isOver()) return;
  await convergeSession(deps, { intent_id: left.id, attempt: left.attempt });
  const { id, kind, session_id } = left;
  deps.log.info({ intent_id: id, kind, session_id }, 'a step was taken by the sweep, as the queue does not take it');
};
