import { toStatusReason } from '#domain/lifecycle.ts';
import { epochMs } from '#ports/clock.ts';
import { SessionGone } from '#ports/compute.ts';
import type { Deps } from '../../kernel/deps.ts';
import { transact } from '../../kernel/draft.ts';
import { sessions } from '../../model/collections.ts';
import type { SessionDoc } from '../../model/docs.ts';
import { dropIntent } from '../intents.ts';
import type { StepResult } from '../converge.ts';
import { isCurrent, isWanted, resendDeadline } from './resend.ts';

/**
 * Moves the deadline that the keeper or agent holds to the session's `expires_at`. `attempt` is the intent's, read
 * before: a step that it has outrun records nothing.
 */
export const holdDeadline = async (deps: Deps, session: SessionDoc, attempt: number): Promise<StepResult> => {
  if (session.status !== 'running') return { done: true };
  const compute = deps.computes.byDriver(session.driver);
  try {
    const channel = await compute.exec(session.key);
    if (!(await isWanted(deps, session))) return { done: true };
    await channel.deadline(epochMs(session.expires_at));
  } catch (error) {
    if (!(error instanceof SessionGone)) {
      // It may have arrived all the same.
      await resendDeadline(deps, session);
      throw error;
    }
    // Its provider knows why it went.
    const seen = await compute.observe(session.key);
    return { fail: { reason: toStatusReason(seen.reason ?? 'session_ended'), said: seen.message ?? error.message } };
  }
  const held = await transact(deps.store, async (draft) => {
    const now = await draft.get(sessions, session.id);
    if (!now || now.generation !== session.generation) return 'superseded';
    if (!(await isCurrent(draft, now, attempt))) return now.deadline_held === session.expires_at ? 'held' : 'again';
    draft.put(sessions, session.id, { ...now, deadline_held: session.expires_at });
    dropIntent(draft, session.id, session.generation);
    return 'held';
  });
  if (held === 'superseded') await resendDeadline(deps, session);
  return held === 'again'
    ? { done: false, soon: true, why: 'an end sent before it may have come after it' }
    : { done: true };
};
