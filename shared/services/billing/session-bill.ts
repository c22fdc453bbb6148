import { release } from '#domain/budget.ts';
import { billForward, billToEnd, computeTariff, type Run } from '#domain/ledger.ts';
import { epochMs } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { accounts, userKey } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { accountOf } from './account.ts';
import { type Billing, billRun } from './bill-run.ts';

const runOf = (session: SessionDoc, started_at: string, metered_until: string): Run => ({
  of: session.id,
  origin: epochMs(started_at),
  metered_until: epochMs(metered_until),
  ledgered_until: epochMs(session.ledgered_until ?? started_at),
  open_nano: session.open_nano,
  billed_nano: session.billed_nano,
  segments: session.segments,
  unpriced: session.unpriced ?? {},
});

const bill = async (deps: Deps, draft: Draft, session: SessionDoc, how: Billing): Promise<SessionDoc> => {
  if (session.started_at === null || session.metered_until === null) return session;
  const run = runOf(session, session.started_at, session.metered_until);
  const billed = how(run, computeTariff(session.bill, deps.settings.prices));
  const billee = {
    owner: session.workspace_owner,
    user: session.user,
    workspace_id: session.workspace_id,
    session_id: session.id,
    storage_id: null,
    storage: null,
    provider: session.provider,
  };
  const { unpriced: _, ...before } = session;
  const { reservation } = session;
  const held = { billee, reservation, kind: 'session', unpriced: run.unpriced } as const;
  const { unpriced } = billed.run;
  return {
    ...before,
    ...(await billRun(deps, draft, billed, held)),
    billed_nano: session.billed_nano + billed.nano_usd,
    ...(Object.keys(unpriced).length === 0 ? {} : { unpriced }),
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
  draft.put(accounts, userKey(session.workspace_owner), {
    ...account,
    months: release(account.months, session.reservation, 'session'),
  });
  return { ...session, reservation: {} };
};
