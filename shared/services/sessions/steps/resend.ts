import { isTerminal } from '#domain/lifecycle.ts';
import type { Deps } from '../../kernel/deps.ts';
import { type Draft, transact } from '../../kernel/draft.ts';
import { intentKey, intents, sessions } from '../../model/collections.ts';
import type { IntentDoc, SessionDoc } from '../../model/docs.ts';
import { dropIntent, enqueueIntent, openIntent } from '../intents.ts';

/** Whether an intent is still the attempt at which its step began: else another has been asked for, and records it. */
export const isCurrent = async (draft: Draft, session: SessionDoc, attempt: number): Promise<boolean> =>
  (await draft.get(intents, intentKey(session.id, session.generation)))?.attempt === attempt;

/** Whether what a step is about to send is still what is wanted: asked as late as can be, as a process may stand still. */
export const isWanted = async (deps: Deps, session: SessionDoc): Promise<boolean> =>
  (await deps.store.get(sessions, session.id))?.data.generation === session.generation;

/**
 * Two changes of a session's end may reach its keeper or agent in the other order, so that the older one holds. Whoever
 * has sent an end that is no longer wanted has the present one sent once more, by an intent: after it, and recorded as
 * held only by a step that began after it.
 */
export const resendDeadline = async (deps: Deps, sent: SessionDoc): Promise<void> => {
  const intent = await transact(deps.store, async (draft): Promise<IntentDoc | null> => {
    const now = await draft.get(sessions, sent.id);
    if (!now || now.generation === sent.generation || now.end !== null || isTerminal(now.status)) return null;
    const open = await draft.get(intents, intentKey(now.id, now.generation));
    if (open) {
      const again: IntentDoc = { ...open, attempt: open.attempt + 1 };
      draft.put(intents, again.id, again);
      return again;
    }
    const next: SessionDoc = { ...now, generation: now.generation + 1, deadline_held: null };
    dropIntent(draft, now.id, now.generation);
    draft.put(sessions, now.id, next);
    return openIntent(deps, draft, next, 'deadline');
  });
  if (intent) await enqueueIntent(deps, intent);
};
