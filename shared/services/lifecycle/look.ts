import { mustTerminate } from '#domain/budget.ts';
import { toStatusReason } from '#domain/lifecycle.ts';
import { iso } from '#ports/clock.ts';
import type { Observation } from '#ports/compute.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { budgetOf } from '../billing/prices.ts';
import { sessions } from '../model/collections.ts';
import type { IntentDoc, SessionDoc } from '../model/docs.ts';
import { targetOf } from '../model/places.ts';
import { beginEnd } from './begin-end.ts';
import { billTo } from '../billing/session-bill.ts';
import { enqueueIntent } from './intents.ts';
import { accountOf } from '../billing/account.ts';
import { ensureUser } from '../kernel/users.ts';

/**
 * Looks at one live session: bills it up to where its provider was seen running it, and begins its end where the
 * provider has ended it or its owner's `terminate` budget is spent.
 */
export const lookAtSession = async (deps: Deps, sessionId: string): Promise<void> => {
  const session = (await deps.store.get(sessions, sessionId))?.data;
  if (session?.status !== 'running') return;
  const seen = await deps.computes.byDriver(session.driver).observe(targetOf(session));
  const intent = await transact(deps.store, (draft) => recordLook(deps, draft, session, seen));
  if (intent) await enqueueIntent(deps, intent);
};

const recordLook = async (
  deps: Deps,
  draft: Parameters<Parameters<typeof transact>[1]>[0],
  looked: SessionDoc,
  seen: Observation,
): Promise<IntentDoc | null> => {
  const now = await draft.get(sessions, looked.id);
  // Changed since the look: the next one sees what it is then.
  if (now?.status !== 'running' || now.started_at !== looked.started_at) return null;
  const call = systemCall('meter');
  // Another start than the one on record: what ran has gone, and a late order made it again.
  const remade = seen.state === 'starting' || (seen.started_at !== null && iso(seen.started_at) !== now.started_at);
  if (seen.state === 'absent' || seen.state === 'ended' || remade) {
    return beginEnd(deps, draft, call, now, {
      reason: toStatusReason(seen.reason ?? 'session_ended'),
      said: seen.message,
    }).intent;
  }
  if (seen.state !== 'running') return null;
  const billed = await billTo(
    deps,
    draft,
    now,
    Math.max(seen.seen_at, Date.parse(now.metered_until ?? now.created_at)),
  );
  const after: SessionDoc = { ...billed, meter_due: iso(deps.clock.now() + deps.settings.meter_period_ms) };
  draft.put(sessions, after.id, after);
  const owner = await ensureUser(deps, draft, after.workspace_owner);
  const account = await accountOf(draft, after.workspace_owner);
  if (!mustTerminate(budgetOf(owner), account.months, deps.clock.now())) return null;
  return beginEnd(deps, draft, call, after, { reason: 'budget_exceeded' }).intent;
};
