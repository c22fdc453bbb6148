import { isTerminal, toStatusReason } from '#domain/lifecycle.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Compute, Observation } from '#ports/compute.ts';
import { afterWalk } from '../billing/follow-budget.ts';
import { billAsGiven } from '../billing/given.ts';
import { metered } from '../billing/meter-period.ts';
import { writeAudit } from '../kernel/audit.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { targetOf } from '../model/places.ts';
import { deadlineOf } from './deadline.ts';
import { enqueueEndNotice } from './end-notice.ts';
import { dropIntent, leaveIntent } from './intents.ts';
import type { StepResult } from './step.ts';

const makeStorage = async (deps: Deps, { spec }: SessionDoc): Promise<void> => {
  const { owner, workspace_id, volume, buckets } = spec;
  const make = (kind: 'volume' | 'bucket', { provider, key, size_mb }: NonNullable<typeof volume>): Promise<void> =>
    deps.storages.of(provider, kind).ensure({ key, owner, workspace_id }, size_mb);
  if (volume) await make('volume', volume);
  for (const bucket of buckets) await make('bucket', bucket);
};

/** The session with the names that its provider gives it. */
const named = (session: SessionDoc, seen: Observation): SessionDoc => ({
  ...session,
  ...seen.names,
  ref: seen.ref ?? session.ref,
});

/**
 * Keeps the provider's own name before the session runs: without it, one whose answer was lost can't be found.
 * @returns whether the session is still on record and not over
 */
const recordNames = async (deps: Deps, session: SessionDoc, seen: Observation): Promise<boolean> => {
  if (seen.ref === undefined || seen.ref === session.ref) return true;
  return transact(deps.store, async (draft) => {
    const now = await draft.get(sessions, session.id);
    if (!now || isTerminal(now.status)) return false;
    draft.put(sessions, session.id, named(now, seen));
    return true;
  });
};

type Recorded = { readonly now: SessionDoc | null } | { readonly over_budget: string };

/**
 * Records that a session runs, if it is still wanted and its owner's budget has room for what was given.
 * @param told whether the notice of its end is enqueued; otherwise the next step, which holds the deadline, does it
 */
const recordRunning = (
  deps: Deps,
  session: SessionDoc,
  seen: Observation,
  started_at: string,
  told: boolean,
): Promise<Recorded> =>
  transact(deps.store, async (draft) => {
    const now = await draft.get(sessions, session.id);
    if (!now || now.generation !== session.generation || now.status !== 'creating') return { now };
    const billed = await billAsGiven(deps, draft, named(now, seen), seen.given);
    if (!billed.ok) return { over_budget: billed.message };
    const running: SessionDoc = {
      ...metered(deps, billed.session, billed.session.metered_every_ms),
      status: 'running',
      started_at,
      metered_until: started_at,
      ledgered_until: started_at,
      deadline_held: now.expires_at,
      storage_status: now.storage_status === null ? null : 'ready',
      details: detailsOf(billed.session, seen),
    };
    draft.put(sessions, session.id, running);
    if (told) dropIntent(draft, session.id, now.generation);
    else await leaveIntent(deps, draft, now, 'deadline');
    writeAudit(deps, draft, systemCall('converge'), {
      action: 'session.running',
      detail: { milliseconds_to_running: deps.clock.now() - epochMs(now.created_at) },
      workspace_owner: now.workspace_owner,
      workspace_id: now.workspace_id,
      session_id: now.id,
    });
    return { now: running };
  });

const detailsOf = ({ details, plan }: SessionDoc, seen: Observation): SessionDoc['details'] => {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const warnings = [...new Set([...list(details['warnings']), ...list(seen.details?.['warnings'])])];
  const { ok: _, warnings: __, details: ___, ...shape } = plan;
  return { ...details, ...seen.details, ...(seen.given ? { plan: shape } : {}), warnings };
};

/** The session ended while this step created its resources, so this step removes them. */
const undo = async (compute: Compute, session: SessionDoc): Promise<void> => {
  await compute.remove(targetOf(session), { grace_ms: 0 });
};

/** Creates a session's resources, again if needed. A session that has never run may be created any number of times. */
export const provision = async (deps: Deps, session: SessionDoc): Promise<StepResult> => {
  if (session.status !== 'creating') return { done: true };
  const compute = deps.computes.byDriver(session.driver);
  await makeStorage(deps, session);
  const deadline = deadlineOf(session);
  const seen = await compute.ensure(targetOf(session), { ...session.spec, deadline }, session.plan);
  if (seen.state === 'absent' || seen.state === 'ended') {
    return { fail: { reason: toStatusReason(seen.reason), said: seen.message } };
  }
  // What has no start on the provider's record can't be billed by it: it does not run yet.
  if (seen.state === 'starting' || seen.started_at === null) {
    if (!(await recordNames(deps, session, seen))) {
      await undo(compute, named(session, seen));
      return { done: true };
    }
    const left = Math.max(0, epochMs(session.start_by) - deps.clock.now());
    const again = seen.look_again_ms === undefined ? 'soon' : Math.min(seen.look_again_ms, left);
    return { done: false, again, why: seen.message ?? 'the provider is starting it' };
  }
  // Its end was moved since it was asked for: what exists already may hold the old one.
  if (session.generation > 1) await (await compute.exec(targetOf(named(session, seen)))).deadline(deadline);
  // Before the intent is dropped, so that a crash between the two loses no notice.
  const told = await enqueueEndNotice(deps, session);
  const started_at = iso(seen.started_at);
  const recorded = await afterWalk(deps, session.workspace_owner, () =>
    recordRunning(deps, session, seen, started_at, told),
  );
  if ('over_budget' in recorded) return { fail: { reason: 'budget_exceeded', said: recorded.over_budget } };
  const { now } = recorded;
  // One that has run, and whose resource went, is not made again.
  const remade = now?.status === 'running' && now.started_at !== started_at;
  if (!now || isTerminal(now.status) || remade) await undo(compute, named(session, seen));
  return { done: true };
};
