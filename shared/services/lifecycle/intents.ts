import type { TaskPayload } from '#contract/tasks.ts';
import { hashedName } from '#domain/names.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { intentKey, intents } from '../model/collections.ts';
import type { IntentDoc, SessionDoc } from '../model/docs.ts';

/** How long the fast path has before the sweep takes an intent up. */
const SWEEP_AFTER_MS = 15_000;
const LONGEST_PAUSE_MS = 30_000;

/** Writes what is to be done for this generation of a session, in the transaction that wants it. */
export const openIntent = (deps: Deps, draft: Draft, session: SessionDoc, kind: IntentDoc['kind']): IntentDoc => {
  const now = deps.clock.now();
  const intent: IntentDoc = {
    id: intentKey(session.id, session.generation),
    kind,
    session_id: session.id,
    generation: session.generation,
    attempt: 1,
    created_at: iso(now),
    next_at: iso(now + SWEEP_AFTER_MS),
    last_error: null,
  };
  draft.put(intents, intent.id, intent);
  return intent;
};

/** Takes back what an earlier generation wanted. */
export const dropIntent = (draft: Draft, sessionId: string, generation: number): void =>
  draft.delete(intents, intentKey(sessionId, generation));

/**
 * Hands an intent's current attempt to the queue. Losing this call loses only time: the intent lies in the store,
 * and the sweep takes it up.
 */
export const enqueueIntent = async (deps: Deps, intent: IntentDoc, at?: number): Promise<void> => {
  const payload: TaskPayload<'session.converge'> = { v: 1, intent_id: intent.id, attempt: intent.attempt };
  try {
    await deps.queue.enqueue({
      name: hashedName('int', intent.id, String(intent.attempt)),
      task: 'session.converge',
      payload,
      ...(at === undefined ? {} : { at }),
    });
  } catch (error) {
    deps.log.warn({ intent_id: intent.id, err: error }, 'an intent was not enqueued; the sweep takes it up');
  }
};

/** 0.1, 0.2, 0.4, … seconds, 30 at the most. */
const pause = (attempt: number): number => Math.min(LONGEST_PAUSE_MS, 100 * 2 ** Math.min(attempt - 1, 16));

/** When an attempt that is raised is to come: at once, while a provider is at work, or after a pause that grows. */
export type Pace = 'now' | 'soon' | 'later';

/** Raises the attempt of an intent that is not done, and enqueues it under its new name. */
export const retryIntent = async (
  deps: Deps,
  id: string,
  attempt: number,
  lastError: string | null,
  pace: Pace,
): Promise<void> => {
  const delay = { now: 0, soon: Math.min(pause(attempt), 1_000), later: pause(attempt) }[pace];
  const raised = await transact(deps.store, async (draft) => {
    const intent = await draft.get(intents, id);
    if (!intent || intent.attempt !== attempt) return null;
    const at = deps.clock.now() + delay;
    const next: IntentDoc = {
      ...intent,
      attempt: attempt + 1,
      last_error: lastError,
      next_at: iso(at + SWEEP_AFTER_MS),
    };
    draft.put(intents, id, next);
    return { next, at };
  });
  // Without an instant where none is needed: by the queue's clock this one's may lie far ahead.
  if (raised) await enqueueIntent(deps, raised.next, pace === 'now' ? undefined : raised.at);
};

/** The task that ends a session at its `expires_at`; each change of it enqueues one of its own. */
export const enqueueExpiry = async (deps: Deps, session: SessionDoc): Promise<void> => {
  const payload: TaskPayload<'session.expire'> = { v: 1, session_id: session.id, expires_at: session.expires_at };
  try {
    await deps.queue.enqueue({
      name: hashedName('exp', session.id, session.expires_at),
      task: 'session.expire',
      payload,
      at: epochMs(session.expires_at),
    });
  } catch (error) {
    deps.log.warn({ session_id: session.id, err: error }, 'an expiry was not enqueued; the sweep ends the session');
  }
};
