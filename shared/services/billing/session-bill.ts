import { release, settle } from '#domain/budget.ts';
import { type Billed, billForward, billToEnd, computeTariff, type Run, type Tariff } from '#domain/ledger.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { accounts } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { accountOf } from './account.ts';
import { writeSegments } from './segments.ts';

const runOf = (session: SessionDoc, started_at: string, metered_until: string): Run => ({
  of: session.id,
  origin: epochMs(started_at),
  metered_until: epochMs(metered_until),
  ledgered_until: epochMs(session.ledgered_until ?? started_at),
  open_nano: session.open_nano,
  billed_nano: session.billed_nano,
  segments: session.segments,
});

/** In the caller's transaction: the ledger, and the money that moves from reserved to spent. */
const bill = async (
  deps: Deps,
  draft: Draft,
  session: SessionDoc,
  how: (run: Run, tariff: Tariff) => Billed,
): Promise<SessionDoc> => {
  if (session.started_at === null || session.metered_until === null) return session;
  const { run, segments, months, nano_usd } = how(
    runOf(session, session.started_at, session.metered_until),
    computeTariff(session.bill, deps.settings.prices),
  );
  await writeSegments(deps, draft, segments, {
    owner: session.workspace_owner,
    user: session.user,
    workspace_id: session.workspace_id,
    session_id: session.id,
    storage_id: null,
    provider: session.provider,
  });
  const account = await accountOf(draft, session.workspace_owner);
  const moved = settle(account.months, session.reservation, months, 'session');
  draft.put(accounts, session.workspace_owner, { ...account, months: moved.months });
  return {
    ...session,
    metered_until: iso(run.metered_until),
    ledgered_until: iso(run.ledgered_until),
    open_nano: run.open_nano,
    segments: run.segments,
    billed_nano: session.billed_nano + nano_usd,
    reservation: moved.reservation,
  };
};

/** Bills a session up to where its provider was last seen running it. @returns it with what it is billed now */
export const billSession = (deps: Deps, draft: Draft, session: SessionDoc, seen: number): Promise<SessionDoc> =>
  bill(deps, draft, session, (run, tariff) => billForward(run, seen, tariff));

/** Bills a session to the end that its provider's record names, forward or back. Nothing is left out of the ledger. */
export const billSessionToEnd = (deps: Deps, draft: Draft, session: SessionDoc, end: number): Promise<SessionDoc> =>
  bill(deps, draft, session, (run, tariff) => billToEnd(run, end, tariff));

/** Gives back what is still reserved for a session whose ledger is final. */
export const releaseReservation = async (draft: Draft, session: SessionDoc): Promise<SessionDoc> => {
  const account = await accountOf(draft, session.workspace_owner);
  draft.put(accounts, session.workspace_owner, {
    ...account,
    months: release(account.months, session.reservation, 'session'),
  });
  return { ...session, reservation: {} };
};
