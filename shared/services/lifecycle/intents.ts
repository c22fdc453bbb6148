import type { TaskPayload } from '#contract/tasks.ts';
import { hashedName } from '#domain/names.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { type Doc, VersionMismatch } from '#ports/store.ts';
import type { Deps, Settings } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { intentKey, intents } from '../model/collections.ts';
import type { IntentDoc, SessionDoc } from '../model/docs.ts';

const LONGEST_PAUSE_MS = 30_000;

/** An intent that has been tried more often than this needs a person. It is still tried: nothing is parked. */
export const OFTEN = 20;
const REPORT_EVERY_MS = 3_600_000;

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
    next_at: iso(now + deps.settings.sweep_after_ms),
    last_error: null,
  };
  draft.put(intents, intent.id, intent);
  return intent;
};

/** Takes back what an earlier generation wanted. */
export const dropIntent = (draft: Draft, sessionId: string, generation: number): void =>
  draft.delete(intents, intentKey(sessionId, generation));

/** Leaves to the next attempt of an open intent what this step could not do. */
export const leaveIntent = async (
  deps: Deps,
  draft: Draft,
  { id, generation }: SessionDoc,
  kind: IntentDoc['kind'],
): Promise<void> => {
  const intent = await draft.get(intents, intentKey(id, generation));
  if (!intent) return;
  const next_at = iso(deps.clock.now() + deps.settings.sweep_after_ms);
  draft.put(intents, intent.id, { ...intent, kind, attempt: intent.attempt + 1, next_at });
};

/** @returns false when this attempt was handed to the queue before */
const handOver = (deps: Pick<Deps, 'queue'>, intent: IntentDoc, at?: number): Promise<boolean> => {
  const payload: TaskPayload<'session.converge'> = { v: 1, intent_id: intent.id, attempt: intent.attempt };
  return deps.queue.enqueue({
    name: hashedName('int', intent.id, String(intent.attempt)),
    task: 'session.converge',
    payload,
    ...(at === undefined ? {} : { at }),
  });
};

/**
 * Hands an intent's current attempt to the queue. Losing this call loses only time: the intent lies in the store,
 * and the sweep takes it up.
 * @returns false if the queue did not take it
 */
export const enqueueIntent = async (
  deps: Pick<Deps, 'queue' | 'log'>,
  intent: IntentDoc,
  at?: number,
): Promise<boolean> => {
  try {
    await handOver(deps, intent, at);
    return true;
  } catch (error) {
    deps.log.warn({ intent_id: intent.id, err: error }, 'an intent was not enqueued; the sweep takes it up');
    return false;
  }
};

/**
 * For a trigger that tells of an intent: hands its current attempt to the queue, unless that was done before. If this
 * throws, the trigger must tell of it again.
 */
export const enqueueAnnounced = async (deps: Deps, intentId: string): Promise<'enqueued' | 'known' | 'gone'> => {
  const found = await deps.store.get(intents, intentId);
  if (!found) return 'gone';
  return (await handOver(deps, found.data)) ? 'enqueued' : 'known';
};

/** 0.1, 0.2, 0.4, … seconds, 30 at the most. */
const pause = (attempt: number): number => Math.min(LONGEST_PAUSE_MS, 100 * 2 ** Math.min(attempt - 1, 16));

/** When an intent's next attempt comes: at once, shortly, after a pause that grows, or in so many milliseconds. */
export type Pace = 'now' | 'soon' | 'later' | number;

/** Bounds of the pause that a provider may ask for: no busy loop, and no session that is forgotten. */
const LEAST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 300_000;

const delayOf = (pace: Pace, attempt: number): number => {
  if (pace === 'now') return 0;
  if (pace === 'soon') return Math.min(pause(attempt), 1_000);
  return pace === 'later' ? pause(attempt) : Math.min(Math.max(pace, LEAST_PAUSE_MS), MOST_PAUSE_MS);
};

/** What raising an attempt needs: an operator's program has no more of a deployment. */
export type RetryDeps = Pick<Deps, 'store' | 'queue' | 'clock' | 'log'> & {
  readonly settings: Pick<Settings, 'sweep_after_ms'>;
};

/**
 * Raises the attempt of an intent that is not done, and enqueues it under its new name. One write and no read: if the
 * intent was changed since it was read, the attempt of that change counts.
 * @returns the intent as it is now, if the queue did not take it; else null
 */
export const retryIntent = async (
  deps: RetryDeps,
  { id, version, data }: Doc<IntentDoc>,
  last_error: string | null,
  pace: Pace,
): Promise<IntentDoc | null> => {
  const now = deps.clock.now();
  const at = now + delayOf(pace, data.attempt);
  const report = data.attempt >= OFTEN && now - epochMs(data.reported_at ?? iso(0)) >= REPORT_EVERY_MS;
  const next: IntentDoc = {
    ...data,
    attempt: data.attempt + 1,
    last_error,
    next_at: iso(at + deps.settings.sweep_after_ms),
    ...(report ? { reported_at: iso(now) } : {}),
  };
  try {
    await deps.store.put(intents, id, next, version);
  } catch (error) {
    if (error instanceof VersionMismatch) return null;
    throw error;
  }
  if (report) {
    const { kind, session_id, attempt, created_at } = next;
    deps.log.error(
      { intent_id: id, kind, session_id, attempt, created_at, last_error },
      `an intent has been tried more than ${OFTEN} times and is not done; it is tried on`,
    );
  }
  // Without an instant where none is needed: by the queue's clock this one's may lie far ahead.
  return (await enqueueIntent(deps, next, pace === 'now' ? undefined : at)) ? null : next;
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
