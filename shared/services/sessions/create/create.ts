import { Problem } from '#contract/errors.ts';
import { type Lookup, sessionFor } from '../../kernel/access.ts';
import type { Call } from '../../kernel/call.ts';
import type { Settled } from '../../kernel/coalesce.ts';
import type { Deps } from '../../kernel/deps.ts';
import { transact } from '../../kernel/draft.ts';
import { lookupIn } from '../../kernel/lookup.ts';
import { peekReplay, remember, replayed } from '../../kernel/idempotency.ts';
import { sessions } from '../../model/collections.ts';
import type { IntentDoc, SessionDoc, SessionWire } from '../../model/docs.ts';
import { sealEnv } from '../../execs/env.ts';
import { type Ask, askOf, type CreateInput } from './ask.ts';
import { decideCreate } from './decide.ts';
import { enqueueExpiry, enqueueIntent } from '../../lifecycle/intents.ts';
import { waitForSession } from '../wait.ts';
import { sessionToWire } from '../wire.ts';

interface Item {
  readonly call: Call;
  readonly id: string;
  readonly input: CreateInput;
  readonly ask: Ask;
  readonly envSealed: string | null;
}

interface Made {
  readonly session: SessionDoc;
  /** null: an earlier call with this key made it. */
  readonly intent: IntentDoc | null;
}

/** What an earlier call made, if its caller may still see it. @throws Problem conflict, not_found */
const replayedSession = async (lookup: Lookup, call: Call, id: string): Promise<SessionDoc> => {
  if (!(await lookup.get(sessions, id)))
    throw new Problem('conflict', 'The session that this Idempotency-Key made is no longer on record.');
  return sessionFor(lookup, call, id, 'viewer');
};

/** One owner's waiting creates in one transaction, each with its own verdict. */
const runBatch =
  (deps: Deps) =>
  (items: readonly Item[]): Promise<readonly Settled<Made>[]> =>
    transact(deps.store, async (draft) => {
      const settled: Settled<Made>[] = [];
      for (const { call, id, input, ask, envSealed } of items) {
        try {
          const value = await draft.attempt(async (part): Promise<Made> => {
            const earlier = await replayed(deps, part, call);
            if (earlier) return { session: await replayedSession(part, call, earlier.target), intent: null };
            const made = await decideCreate(deps, part, call, id, input, ask, envSealed);
            remember(deps, part, call, 'session', id);
            return made;
          });
          settled.push({ ok: true, value });
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          settled.push({ ok: false, error });
        }
      }
      return settled;
    });

/**
 * Asks for a session. Nothing of a provider's is touched here: the session and its intent are recorded, and the
 * worker does the rest. With `wait` the answer is held until it runs or has failed.
 */
export const createSession = async (
  deps: Deps,
  call: Call,
  body: CreateInput & { wait?: number | undefined },
): Promise<SessionWire> => {
  const { wait, ...input } = body;
  const ask = askOf(call, input, deps.settings.longest_life_minutes);
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

const create = async (deps: Deps, call: Call, input: CreateInput, ask: Ask): Promise<Made> => {
  const id = deps.ids.next('ses');
  const envSealed = await sealEnv(deps, { workspace_owner: ask.owner, id }, input.env);
  return deps.creates.add<Item, Made>(ask.owner, { call, id, input, ask, envSealed }, runBatch(deps));
};
