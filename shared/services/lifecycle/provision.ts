import { isTerminal, toStatusReason } from '#domain/lifecycle.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Compute, Observation } from '#ports/compute.ts';
import { writeAudit } from '../kernel/audit.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { dropIntent } from './intents.ts';
import type { StepResult } from './step.ts';
import { deadlineOf } from './deadline.ts';

const makeStorage = async (deps: Deps, { spec }: SessionDoc): Promise<void> => {
  if (spec.volume) await deps.volumes.ensure(spec.volume.key, spec.volume.size_mb);
  for (const bucket of spec.buckets) await deps.buckets.ensure(bucket.key, bucket.size_mb);
};

/** Records that a session runs, if it is still wanted. @returns what it then is; null where there is no record */
const recordRunning = (
  deps: Deps,
  session: SessionDoc,
  seen: Observation,
  started_at: string,
): Promise<SessionDoc | null> =>
  transact(deps.store, async (draft) => {
    const now = await draft.get(sessions, session.id);
    if (!now || now.generation !== session.generation || now.status !== 'creating') return now;
    const running: SessionDoc = {
      ...now,
      status: 'running',
      started_at,
      metered_until: started_at,
      meter_due: iso(deps.clock.now() + deps.settings.meter_period_ms),
      deadline_held: now.expires_at,
      storage_status: now.storage_status === null ? null : 'ready',
      details: { ...now.details, ...seen.details, warnings: mergedWarnings(now, seen) },
    };
    draft.put(sessions, session.id, running);
    dropIntent(draft, session.id, now.generation);
    writeAudit(deps, draft, systemCall('converge'), {
      action: 'session.running',
      detail: { milliseconds_to_running: deps.clock.now() - epochMs(now.created_at) },
      workspace_owner: now.workspace_owner,
      workspace_id: now.workspace_id,
      session_id: now.id,
    });
    return running;
  });

const mergedWarnings = (session: SessionDoc, seen: Observation): unknown[] => {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  return [...new Set([...list(session.details['warnings']), ...list(seen.details?.['warnings'])])];
};

/** A session that ended while this step made its resources: they go again, as nobody else will. */
const undo = async (compute: Compute, session: SessionDoc): Promise<void> => {
  await compute.remove(session.key, { grace_ms: 0 });
};

/** Makes a session's resources, again if need be: one that was never running may be made as often as it takes. */
export const provision = async (deps: Deps, session: SessionDoc): Promise<StepResult> => {
  if (session.status !== 'creating') return { done: true };
  const compute = deps.computes.byDriver(session.driver);
  await makeStorage(deps, session);
  const deadline = deadlineOf(session);
  const seen = await compute.ensure(session.key, { ...session.spec, deadline });
  if (seen.state === 'absent' || seen.state === 'ended') {
    return { fail: { reason: toStatusReason(seen.reason), said: seen.message } };
  }
  // What has no start on the provider's record can't be billed by it: it does not run yet.
  if (seen.state === 'starting' || seen.started_at === null) {
    return { done: false, soon: true, why: seen.message ?? 'the provider is starting it' };
  }
  // Its end was moved since it was asked for: what exists already may hold the old one.
  if (session.generation > 1) await (await compute.exec(session.key)).deadline(deadline);
  const started_at = iso(seen.started_at);
  const now = await recordRunning(deps, session, seen, started_at);
  // One that has run, and whose resource went, is not made again.
  const remade = now?.status === 'running' && now.started_at !== started_at;
  if (!now || isTerminal(now.status) || remade) await undo(compute, session);
  return { done: true };
};
