import { toStatusReason } from '#domain/lifecycle.ts';
import { epochMs } from '#ports/clock.ts';
import { SessionGone } from '#ports/compute.ts';
import type { Deadline } from '#ports/exec.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { targetOf } from '../model/places.ts';
import { enqueueEndNotice } from './end-notice.ts';
import type { StepResult } from './step.ts';
import { dropIntent } from './intents.ts';

/** What its keeper or agent is to hold. The generation keeps an older one that comes late from taking its place. */
export const deadlineOf = ({ expires_at, generation }: SessionDoc): Deadline => ({
  at: epochMs(expires_at),
  generation,
});

/** Moves the deadline that the keeper or agent holds to the session's `expires_at`. */
export const holdDeadline = async (deps: Deps, session: SessionDoc): Promise<StepResult> => {
  if (session.status !== 'running') return { done: true };
  const compute = deps.computes.byDriver(session.driver);
  try {
    await (await compute.exec(targetOf(session))).deadline(deadlineOf(session));
  } catch (error) {
    if (!(error instanceof SessionGone)) throw error;
    // Its provider knows why it went.
    const seen = await compute.observe(targetOf(session));
    return { fail: { reason: toStatusReason(seen.reason ?? 'session_ended'), said: seen.message ?? error.message } };
  }
  // Before the intent is dropped, so that a crash between the two loses no notice.
  const told = await enqueueEndNotice(deps, session);
  await transact(deps.store, async (draft) => {
    const now = await draft.get(sessions, session.id);
    if (!now || now.generation !== session.generation) return;
    draft.put(sessions, session.id, { ...now, deadline_held: session.expires_at });
    if (told) dropIntent(draft, session.id, session.generation);
  });
  return told ? { done: true } : { done: false, again: 'later', why: 'the queue did not take the notice of the end' };
};
