import { type RetryDeps, retryIntent } from '../lifecycle/intents.ts';
import { intents } from '../model/collections.ts';
import type { IntentDoc } from '../model/docs.ts';

/**
 * Gives an open intent a new attempt now, for an operator who has removed the cause. Safe to repeat.
 * @returns the intent as it was before; null where none is open by this id: it is done
 */
export const raiseIntent = async (deps: RetryDeps, id: string): Promise<IntentDoc | null> => {
  const found = await deps.store.get(intents, id);
  if (!found) return null;
  await retryIntent(deps, found, found.data.last_error, 'now');
  return found.data;
};
