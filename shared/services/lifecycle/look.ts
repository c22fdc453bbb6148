import { mustTerminate } from '#domain/budget.ts';
import { toStatusReason } from '#domain/lifecycle.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Observation } from '#ports/compute.ts';
import { accountOf } from '../billing/account.ts';
import { metered, meterPeriod, withBudget } from '../billing/meter-period.ts';
import { billSession } from '../billing/session-bill.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { accounts, sessions, userKey } from '../model/collections.ts';
import type { IntentDoc, SessionDoc } from '../model/docs.ts';
import { targetOf } from '../model/places.ts';
import { beginEnd } from './begin-end.ts';
import { enqueueIntent } from './intents.ts';

/** Documents that a look writes, roughly. */
const WRITES = 5;

/** A session as its provider was seen to have it. */
export interface Look {
  readonly looked: SessionDoc;
  readonly seen: Observation;
}

export const observe = async (deps: Deps, looked: SessionDoc): Promise<Look> => ({
  looked,
  seen: await deps.computes.byDriver(looked.driver).observe(targetOf(looked)),
});

/** The provider has ended it, or what ran has gone and a late order made it again. */
const hasEnded = (now: SessionDoc, seen: Observation): boolean =>
  seen.state === 'absent' ||
  seen.state === 'ended' ||
  seen.state === 'starting' ||
  (seen.started_at !== null && iso(seen.started_at) !== now.started_at);

/** Bills one session up to where it was seen running, or begins its end. @returns it where it runs on */
const recordLook = async (
  deps: Deps,
  draft: Draft,
  { looked, seen }: Look,
  every_ms: number,
  begun: IntentDoc[],
): Promise<SessionDoc | null> => {
  const now = await draft.get(sessions, looked.id);
  // Changed since the look: the next one sees what it is then.
  if (now?.status !== 'running' || now.started_at !== looked.started_at) return null;
  if (hasEnded(now, seen)) {
    const reason = toStatusReason(seen.reason ?? 'session_ended');
    const { intent } = beginEnd(deps, draft, systemCall('meter'), now, { reason, said: seen.message });
    if (intent) begun.push(intent);
    return null;
  }
  const reached = Math.max(seen.seen_at, epochMs(now.metered_until ?? now.created_at));
  const after = metered(deps, await billSession(deps, draft, now, reached), every_ms);
  draft.put(sessions, after.id, after);
  return after;
};

/**
 * Records looks at sessions of one owner in the caller's transaction: each is billed up to where its provider was seen
 * running it, and ends where the provider has ended it or the owner's `terminate` budget is spent.
 * @returns intents to be enqueued after the commit
 */
const recordLooks = async (
  deps: Deps,
  draft: Draft,
  owner: string,
  looks: readonly Look[],
): Promise<readonly IntentDoc[]> => {
  await draft.prefetch([[accounts, userKey(owner)], ...looks.map(({ looked }) => [sessions, looked.id] as const)]);
  const account = await withBudget(deps, draft, await accountOf(draft, owner));
  draft.put(accounts, userKey(owner), account);
  const limit_nano = account.terminate_nano === 'unknown' ? null : account.terminate_nano;
  const every_ms = meterPeriod(deps, limit_nano);
  const begun: IntentDoc[] = [];
  const running: SessionDoc[] = [];
  for (const look of looks) {
    const after = await recordLook(deps, draft, look, every_ms, begun);
    if (after) running.push(after);
  }
  const { months } = await accountOf(draft, owner);
  if (!mustTerminate({ action: 'terminate', limit_nano }, months, deps.clock.now())) return begun;
  for (const session of running) {
    const { intent } = beginEnd(deps, draft, systemCall('meter'), session, { reason: 'budget_exceeded' });
    if (intent) begun.push(intent);
  }
  return begun;
};

/** Records looks at sessions of one owner in a transaction of its lane, and enqueues the ends that they begin. */
export const recordInLane = async (deps: Deps, owner: string, looks: readonly Look[]): Promise<void> => {
  const begun = await deps.lanes.add(owner, (draft) => recordLooks(deps, draft, owner, looks), looks.length * WRITES);
  await Promise.all(begun.map((intent) => enqueueIntent(deps, intent)));
};

/** Looks at one live session now. */
export const lookAtSession = async (deps: Deps, sessionId: string): Promise<void> => {
  const session = (await deps.store.get(sessions, sessionId))?.data;
  if (session?.status !== 'running') return;
  await recordInLane(deps, session.workspace_owner, [await observe(deps, session)]);
};
