import { release, settle } from '#domain/budget.ts';
import { byMonth, computeSegments, correctionSegments, type Segment } from '#domain/ledger.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { accounts, ledger } from '../model/collections.ts';
import type { LedgerDoc, SessionDoc } from '../model/docs.ts';
import { accountOf } from './account.ts';

/** What a session was billed for, and what the ledger gets of it. */
const toLedger = (deps: Deps, session: SessionDoc, segment: Segment): LedgerDoc => ({
  ...segment,
  owner: session.workspace_owner,
  user: session.user,
  workspace_id: session.workspace_id,
  session_id: session.id,
  storage_id: null,
  provider: session.provider,
  at: iso(deps.clock.now()),
});

/**
 * Brings a session's ledger to an instant of the provider's record, in the caller's transaction: forward by segments,
 * back by a correction. Money moves from reserved to spent with it. @returns the session with what it is billed now
 */
export const billTo = async (deps: Deps, draft: Draft, session: SessionDoc, to: number): Promise<SessionDoc> => {
  if (session.started_at === null || session.metered_until === null) return session;
  const origin = epochMs(session.started_at);
  const until = epochMs(session.metered_until);
  const at = Math.max(to, origin);
  if (at === until) return session;
  const table = deps.settings.prices;
  const cut = { of: session.id, n: session.segments, origin, plan: session.bill, table };
  const segments =
    at > until ? computeSegments({ ...cut, from: until, to: at }) : correctionSegments({ ...cut, from: at, to: until });
  for (const segment of segments) draft.create(ledger, segment.id, toLedger(deps, session, segment));

  const account = await accountOf(draft, session.workspace_owner);
  const moved = settle(account.months, session.reservation, byMonth(segments), 'session');
  draft.put(accounts, session.workspace_owner, { ...account, months: moved.months });
  return {
    ...session,
    metered_until: iso(at),
    segments: session.segments + segments.length,
    billed_nano: session.billed_nano + segments.reduce((sum, segment) => sum + segment.nano_usd, 0),
    reservation: moved.reservation,
  };
};

/** Gives back what is still reserved for a session whose ledger is final. */
export const releaseReservation = async (draft: Draft, session: SessionDoc): Promise<SessionDoc> => {
  const account = await accountOf(draft, session.workspace_owner);
  draft.put(accounts, session.workspace_owner, {
    ...account,
    months: release(account.months, session.reservation, 'session'),
  });
  return { ...session, reservation: {} };
};
