import { isTerminal } from '#domain/lifecycle.ts';
import { iso } from '#ports/clock.ts';
import type { Observation } from '#ports/compute.ts';
import { writeAudit } from '../kernel/audit.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { accounts, sessions, storage, userKey, workspaces } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { accountOf, countNamespace } from '../billing/account.ts';
import { asGiven } from '../billing/given.ts';
import { billSessionToEnd, releaseReservation } from '../billing/session-bill.ts';

import { dropIntent } from './intents.ts';
import { afterLastSession } from './retire-workspace.ts';

const DAY_MS = 86_400_000;

/** Takes a session out of its owner's and workspace's counts. */
const releaseSlots = async (deps: Deps, draft: Draft, session: SessionDoc): Promise<void> => {
  const account = await accountOf(draft, session.workspace_owner);
  draft.put(accounts, userKey(session.workspace_owner), {
    ...account,
    live_sessions: account.live_sessions - 1,
    live_namespaces: countNamespace(account, session, -1),
  });
  const workspace = await draft.get(workspaces, session.workspace_key);
  if (!workspace) return;
  const left = { ...workspace, live_sessions: workspace.live_sessions - 1 };
  draft.put(
    workspaces,
    session.workspace_key,
    left.live_sessions === 0 ? await afterLastSession(deps, draft, left) : left,
  );
};

/** Takes a session off the volumes and buckets that it mounts. */
const releaseStorage = async (draft: Draft, session: SessionDoc): Promise<void> => {
  for (const id of session.mounts) {
    const doc = await draft.get(storage, id);
    if (doc?.held_by?.includes(session.id))
      draft.put(storage, id, { ...doc, held_by: doc.held_by.filter((holder) => holder !== session.id) });
  }
};

/**
 * Records that a session's resources are gone: its final bill by the provider's record, its slot, its reservations and
 * its terminal status in one transaction. Safe to repeat: only the first record counts.
 */
export const settleSession = (
  deps: Deps,
  { id: sessionId, workspace_owner, workspace_key, mounts }: SessionDoc,
  gone: Observation,
): Promise<SessionDoc | null> =>
  deps.lanes.add(workspace_owner, async (draft) => {
    await draft.prefetch([
      [sessions, sessionId],
      [accounts, userKey(workspace_owner)],
      [workspaces, workspace_key],
      ...mounts.map((mount) => [storage, mount] as const),
    ]);
    const before = await draft.get(sessions, sessionId);
    if (!before || isTerminal(before.status) || before.end === null) return before;
    // Another start means that a late `ensure` made the resource again: the one that was billed has no end record.
    const own = before.started_at === null || gone.started_at === null || iso(gone.started_at) === before.started_at;
    const metered = before.metered_until === null ? null : Date.parse(before.metered_until);
    const ended = (own ? gone.ended_at : null) ?? metered;
    // A record of an end before the start is ignored.
    const started = before.started_at ?? (gone.started_at === null || ended === null ? null : iso(gone.started_at));
    // One that was never recorded running was never billed: it is by what it was given.
    const known: SessionDoc = {
      ...(before.started_at === null ? asGiven(before, gone.given) : before),
      started_at: started,
      metered_until: before.metered_until ?? started,
      ledgered_until: before.ledgered_until ?? started,
    };
    const billed = ended === null ? known : await billSessionToEnd(deps, draft, known, ended);
    const session = await releaseReservation(draft, billed);
    await releaseSlots(deps, draft, session);
    await releaseStorage(draft, session);
    const now = deps.clock.now();
    const ended_at = iso(ended === null ? now : Math.max(ended, started === null ? ended : Date.parse(started)));
    const after: SessionDoc = {
      ...session,
      status: before.end.status,
      status_reason: before.end.reason,
      status_message: before.end.message,
      ended_at,
      storage_status: session.storage_status === null ? null : 'detached',
      live: null,
      live_until: null,
      meter_due: null,
      env_sealed: null,
      purge_at: iso(now + deps.settings.history_days * DAY_MS),
    };
    draft.put(sessions, sessionId, after);
    dropIntent(draft, sessionId, before.generation);
    writeAudit(deps, draft, systemCall('converge'), {
      action: `session.${after.status}`,
      workspace_owner: after.workspace_owner,
      workspace_id: after.workspace_id,
      session_id: sessionId,
      detail: { reason: after.status_reason, billed_nano_usd: after.billed_nano },
    });
    return after;
  });
