import { isTerminal, toStatusReason } from '#domain/lifecycle.ts';
import { epochMs } from '#ports/clock.ts';
import { ComputeRefused } from '#ports/compute.ts';
import { StorageRefused } from '#ports/storages.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { intents, sessions } from '../model/collections.ts';
import type { IntentDoc, SessionDoc } from '../model/docs.ts';
import { beginEnd, type Ending } from './begin-end.ts';
import { enqueueIntent, retryIntent } from './intents.ts';
import { provision } from './provision.ts';
import type { Step, StepResult } from './step.ts';
import { holdDeadline } from './deadline.ts';
import { teardown } from './teardown.ts';

const STEPS: Readonly<Record<IntentDoc['kind'], Step>> = {
  provision,
  deadline: holdDeadline,
  terminate: teardown,
};

const forget = (deps: Deps, intent: IntentDoc): Promise<void> =>
  transact(deps.store, async (draft) => {
    const now = await draft.get(intents, intent.id);
    if (now?.generation === intent.generation) draft.delete(intents, intent.id);
  });

/** Begins the end of a session that can't reach its desired state, unless it has reached it in the meantime. */
const fail = async (deps: Deps, intent: IntentDoc, ending: Ending): Promise<void> => {
  const begun = await transact(deps.store, async (draft) => {
    const now = await draft.get(sessions, intent.session_id);
    if (!now || now.generation !== intent.generation || !(await draft.get(intents, intent.id))) return null;
    return beginEnd(deps, draft, systemCall('converge'), now, ending);
  });
  if (begun?.intent) await enqueueIntent(deps, begun.intent);
};

const step = async (deps: Deps, intent: IntentDoc, session: SessionDoc): Promise<StepResult> => {
  try {
    return await STEPS[intent.kind](deps, session);
  } catch (error) {
    const refused = error instanceof ComputeRefused || error instanceof StorageRefused;
    if (refused && intent.kind === 'provision') {
      return { fail: { reason: 'provider_refused', said: error.message } };
    }
    deps.log.warn(
      { session_id: session.id, intent: intent.kind, attempt: intent.attempt, err: error },
      'a step did not succeed; it is tried again',
    );
    return { done: false, again: 'later', why: error instanceof Error ? error.message : String(error) };
  }
};

/**
 * Takes the session of an intent one step towards its desired state. Level-triggered: it reads the desired and the
 * observed state, takes one idempotent step, and records it if the generation has not changed. It may run twice, late
 * or out of order, or stop at any point.
 */
export const convergeSession = async (deps: Deps, task: { intent_id: string; attempt: number }): Promise<void> => {
  const found = await deps.store.get(intents, task.intent_id);
  if (!found || found.data.attempt > task.attempt) return;
  const intent = found.data;
  const session = (await deps.store.get(sessions, intent.session_id))?.data;
  if (!session || session.generation !== intent.generation || isTerminal(session.status)) {
    await forget(deps, intent);
    return;
  }
  if (intent.kind === 'provision' && deps.clock.now() > epochMs(session.start_by)) {
    await fail(deps, intent, { reason: 'start_timeout', said: intent.last_error });
    return;
  }
  const result = await step(deps, intent, session);
  if ('fail' in result) await fail(deps, intent, { ...result.fail, reason: toStatusReason(result.fail.reason) });
  else if (!result.done) await retryIntent(deps, found, result.why, result.again);
};
