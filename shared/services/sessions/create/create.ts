import { Problem } from '#contract/errors.ts';
import { type Lookup, sessionFor } from '../../kernel/access.ts';
import type { Call } from '../../kernel/call.ts';
import type { Deps } from '../../kernel/deps.ts';
import { type Draft, OutcomeUnknown } from '../../kernel/draft.ts';
import { lookupIn } from '../../kernel/lookup.ts';
import { onBehalfOf, peekReplay, remember, replayed } from '../../kernel/idempotency.ts';
import { sessions, workspaceKey } from '../../model/collections.ts';
import type { IntentDoc, SessionDoc, SessionWire } from '../../model/docs.ts';
import { afterWalk } from '../../billing/follow-budget.ts';
import { sealEnv } from '../../execs/env.ts';
import { type CreateRequest, parseCreate, type CreateInput } from './parse-create.ts';
import { decideCreate } from './decide.ts';
import { enqueueExpiry, enqueueIntent } from '../../lifecycle/intents.ts';
import { goOnWithFormer } from '../../lifecycle/remove-members.ts';
import { waitForSession } from '../../lifecycle/wait.ts';
import { sessionToWire } from '../wire.ts';

interface Made {
  readonly session: SessionDoc;
  /** null: an earlier call with this key made it. */
  readonly intent: IntentDoc | null;
}

/** What an earlier call made, if its caller may still see it. @throws Problem conflict, not_found */
const replayedSession = async (lookup: Lookup, call: Call, id: string): Promise<SessionDoc> => {
  if (!(await lookup.get(sessions, id)))
    throw new Problem(
      'conflict',
      'The session that this Idempotency-Key made is no longer on record. Use a new Idempotency-Key to create another.',
    );
  return sessionFor(lookup, call, id, 'viewer');
};

/**
 * Asks for a session. Nothing of a provider's is touched here: the session and its intent are recorded, and the
 * worker does the rest. With `wait` the answer is held until it runs or has failed.
 */
export const createSession = async (
  deps: Deps,
  given: Call,
  body: CreateInput & { wait?: number | undefined },
): Promise<SessionWire> => {
  const { wait, ...input } = body;
  const ask = parseCreate(given, input, deps.settings.longest_life_minutes);
  const call = onBehalfOf(given, ask.user);
  const earlier = await peekReplay(deps, call);
  const made = earlier
    ? { session: await replayedSession(lookupIn(deps.store), call, earlier.target), intent: null }
    : await create(deps, call, input, ask);
  const { session, intent } = made;
  if (intent) {
    await Promise.all([enqueueIntent(deps, intent), enqueueExpiry(deps, session)]);
  }
  const now = wait
    ? await waitForSession(deps, session, wait, (doc) => doc.status !== 'creating' && doc.status !== 'terminating')
    : session;
  return sessionToWire(deps, now);
};

interface Asked {
  readonly id: string;
  readonly input: CreateInput;
  readonly ask: CreateRequest;
  readonly env_sealed: string | null;
}

const createIn = async (deps: Deps, draft: Draft, call: Call, asked: Asked): Promise<Made> => {
  const earlier = await replayed(deps, draft, call);
  if (earlier) return { session: await replayedSession(draft, call, earlier.target), intent: null };
  const made = await decideCreate(deps, draft, call, asked.id, asked.input, asked.ask, asked.env_sealed);
  remember(deps, draft, call, 'session', asked.id);
  return made;
};

/** @throws Problem unavailable with the session's id, where it can't be found out whether it was made */
const create = async (deps: Deps, call: Call, input: CreateInput, ask: CreateRequest): Promise<Made> => {
  const id = deps.ids.next('ses');
  const env_sealed = await sealEnv(deps, { workspace_owner: ask.owner, id }, input.env);
  const asked: Asked = { id, input, ask, env_sealed };
  try {
    return await goOnWithFormer(deps, workspaceKey(ask.owner, ask.workspace_id), () =>
      afterWalk(deps, ask.owner, () => deps.lanes.add(ask.owner, (draft) => createIn(deps, draft, call, asked))),
    );
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error;
    const message = `The store did not answer, so it is not known whether session ${id} was made. Look at GET /v1/sessions/${id} before you create another, unless this call had an Idempotency-Key.`;
    throw new Problem('unavailable', message, { outcome: 'unknown', extra: { session_id: id }, cause: error });
  }
};
