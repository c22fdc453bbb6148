import type { z } from 'zod';
import type { SessionUpdate } from '#contract/entities/session.ts';
import { Problem } from '#contract/errors.ts';
import { decideBudget, reserves } from '#domain/budget.ts';
import { extend } from '#domain/ttl.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { sessionFor } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { afterWalk, assertFollowed } from '../billing/follow-budget.ts';
import { budgetOf } from '../billing/prices.ts';
import { accounts, sessions, userKey } from '../model/collections.ts';
import type { IntentDoc, SessionDoc } from '../model/docs.ts';
import { sessionTerms } from '../model/terms.ts';
import { accountOf } from '../billing/account.ts';
import { userOrDefaults } from '../kernel/users.ts';
import { dropIntent, enqueueExpiry, enqueueIntent, openIntent } from '../lifecycle/intents.ts';
import { remainingReservation } from '../billing/reservation.ts';
import { assertRunning } from '../lifecycle/not-running.ts';
import { holdDeadline } from '../lifecycle/deadline.ts';
import { sessionToWire } from './wire.ts';

interface Updated {
  readonly session: SessionDoc;
  /** To be enqueued after the commit; null where the end stays. */
  readonly intent: IntentDoc | null;
}

type Input = { id: string } & z.infer<typeof SessionUpdate>;

/** How long the keeper or agent has to take the new deadline before the caller is told that it is still being tried. */
const HOLD_MS = 5_000;

/** The session with another end, and what it then holds of the budget. @throws Problem conflict, budget_exceeded */
const withEnd = async (deps: Deps, draft: Draft, session: SessionDoc, ttl_minutes: number): Promise<SessionDoc> => {
  const now = deps.clock.now();
  const extended = extend({
    now,
    created_at: epochMs(session.created_at),
    ttl_minutes,
    longest_life_minutes: deps.settings.longest_life_minutes,
    provider: { name: session.provider, max_life_minutes: session.plan.max_life_minutes },
  });
  if (!extended.ok)
    throw new Problem('conflict', `${extended.message}.`, {
      errors: [{ field: extended.field, message: extended.message }],
    });
  const expires_at = iso(extended.expires_at);
  const owner = await userOrDefaults(deps, draft, session.workspace_owner);
  const account = await accountOf(draft, session.workspace_owner);
  const table = deps.settings.prices;
  const budget = budgetOf(owner);
  assertFollowed(account, budget);
  const wanted = reserves(budget) ? remainingReservation(deps, session, extended.expires_at) : session.reservation;
  const money = decideBudget({
    budget,
    months: account.months,
    now,
    held: session.reservation,
    wanted,
    plan: session.bill,
    change: extended.expires_at > epochMs(session.expires_at) ? 'raise' : 'keep',
    table,
  });
  if (!money.ok) throw new Problem(money.code, money.message);
  draft.put(accounts, userKey(session.workspace_owner), { ...account, months: money.months });
  return { ...session, ttl_minutes, expires_at, live_until: expires_at, reservation: money.reservation };
};

/** Waits for the keeper or agent to hold the new deadline. @throws Problem unavailable */
const holdNow = async (deps: Deps, session: SessionDoc): Promise<void> => {
  const late = new AbortController();
  const holding = holdDeadline(deps, session);
  try {
    const held = await Promise.race([holding, deps.clock.sleep(HOLD_MS, late.signal).then(() => null)]);
    if (held === null) deps.background.run('hold a deadline', () => holding.then(() => {}), { session_id: session.id });
    else if ('done' in held && held.done) return;
  } catch (error) {
    deps.log.warn({ session_id: session.id, err: error }, 'a new deadline is not held yet');
  } finally {
    late.abort(new Error('the deadline is held'));
  }
  throw new Problem(
    'unavailable',
    'The new end is recorded, but the running session has not confirmed it yet. The server keeps trying; make the same call again to see.',
  );
};

const relabelled = (session: SessionDoc, labels: SessionDoc['labels']): SessionDoc => ({
  ...session,
  labels,
  terms: sessionTerms({ ...session, labels }),
});

const updateIn = async (deps: Deps, draft: Draft, call: Call, input: Input): Promise<Updated> => {
  const before = await sessionFor(draft, call, input.id, 'editor');
  if (before.status !== 'creating') assertRunning(before);
  const labelled: SessionDoc = input.labels === undefined ? before : relabelled(before, input.labels);
  const moves = input.ttl_minutes !== undefined;
  const ended = moves ? await withEnd(deps, draft, labelled, input.ttl_minutes ?? 0) : labelled;
  const after: SessionDoc = moves ? { ...ended, generation: before.generation + 1 } : ended;
  draft.put(sessions, before.id, after);
  writeAudit(deps, draft, call, {
    workspace_owner: before.workspace_owner,
    workspace_id: before.workspace_id,
    session_id: before.id,
    detail: { expires_at: after.expires_at, before: before.expires_at, labels: input.labels !== undefined },
  });
  if (!moves) return { session: after, intent: null };
  dropIntent(draft, before.id, before.generation);
  return {
    session: after,
    intent: openIntent(deps, draft, after, before.status === 'running' ? 'deadline' : 'provision'),
  };
};

/** Gives a session another end (from now, never past its longest life) or other labels. */
export const updateSession = async (deps: Deps, call: Call, input: Input) => {
  // Whose lane it is: what it is now is asked again inside.
  const owner = (await deps.store.get(sessions, input.id))?.data.workspace_owner ?? '';
  const { session, intent } = await afterWalk(deps, owner, () =>
    deps.lanes.add(owner, (draft) => updateIn(deps, draft, call, input)),
  );
  if (intent) {
    await enqueueExpiry(deps, session);
    if (intent.kind === 'provision') await enqueueIntent(deps, intent);
    else {
      // The intent is the safety net; the fast path is here, as the caller is to know that the end is held.
      await holdNow(deps, session).catch(async (error: unknown) => {
        await enqueueIntent(deps, intent);
        throw error;
      });
    }
  }
  return sessionToWire(deps, session);
};
