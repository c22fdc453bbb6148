import { DAY_MS, dayAfter, dayBefore, monthOf } from '#domain/months.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { everyDoc } from '../kernel/pages.ts';
import { ledger, rollups, sessions, storage } from '../model/collections.ts';
import type { LedgerDoc } from '../model/docs.ts';

/** What a report sums: one entry of the ledger, or a day's sum of many. */
export interface CostPart
  extends Pick<LedgerDoc, 'owner' | 'user' | 'workspace_id' | 'provider' | 'kind' | 'missing_prices'> {
  readonly day: string;
  /** null in a sum of many. */
  readonly session_id: string | null;
  readonly storage_id: string | null;
  readonly nano_usd: number;
  readonly milliseconds: number;
}

/** Full hours, epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Documents of sums are large: few of them make a page. */
const SUMS_PAGE = 50;

const mine = (owner: string | null) => (owner === null ? {} : { where: { owner } });

/** The ledger itself: every entry that begins within the span. */
async function* entriesIn(deps: Deps, owner: string | null, span: Span): AsyncGenerator<CostPart> {
  if (span.from >= span.to) return;
  const entries = everyDoc(deps.store, ledger, {
    ...mine(owner),
    order: { field: 'from', direction: 'asc' },
    range: { gte: iso(span.from), lt: iso(span.to) },
  });
  for await (const entry of entries) yield { ...entry, day: entry.from.slice(0, 10) };
}

/** The sums of whole days. */
async function* sumsIn(deps: Deps, owner: string | null, { from, to }: Span): AsyncGenerator<CostPart> {
  const [first, last] = [iso(from).slice(0, 10), iso(to - 1).slice(0, 10)];
  const documents = everyDoc(
    deps.store,
    rollups,
    {
      ...mine(owner),
      order: { field: 'month', direction: 'asc' },
      range: { gte: monthOf(from), lte: monthOf(to - 1) },
    },
    SUMS_PAGE,
  );
  for await (const doc of documents) {
    for (const row of doc.rows) {
      if (row.day >= first && row.day <= last) yield { ...row, owner: doc.owner, session_id: null, storage_id: null };
    }
  }
}

/** The days of a span that are whole and have sums: none before there were sums, and today counts as whole. */
const wholeDays = ({ from, to }: Span, since: number, now: number): Span => {
  const first = dayAfter(Math.max(from, since));
  const last = to >= now ? dayAfter(to) : dayBefore(to);
  return { from: first, to: Math.max(first, last) };
};

/** What is billed and not in the ledger yet: of sessions that run and storage that is there, the hour that has begun. */
async function* openHoursIn(deps: Deps, owner: string | null, { from, to }: Span): AsyncGenerator<CostPart> {
  // It is of now, or of a provider that could not be reached for some hours.
  if (to < deps.clock.now() - DAY_MS) return;
  const within = (instant: string | null): instant is string =>
    instant !== null && epochMs(instant) >= from && epochMs(instant) < to;
  const live = everyDoc(deps.store, sessions, {
    where: owner === null ? { live: true } : { workspace_owner: owner, live: true },
    order: { field: 'id', direction: 'asc' },
  });
  for await (const session of live) {
    const { ledgered_until, metered_until, workspace_owner, id, open_nano: nano_usd } = session;
    if (!within(ledgered_until) || metered_until === ledgered_until) continue;
    yield {
      ...{ owner: workspace_owner, user: session.user, workspace_id: session.workspace_id },
      ...{ provider: session.provider, kind: 'compute', missing_prices: [], day: ledgered_until.slice(0, 10) },
      ...{ session_id: id, storage_id: null, nano_usd },
      milliseconds: epochMs(metered_until ?? ledgered_until) - epochMs(ledgered_until),
    };
  }
  const order = { order: { field: 'name', direction: 'asc' } } as const;
  for await (const piece of everyDoc(deps.store, storage, owner === null ? {} : { where: { owner }, ...order })) {
    const { ledgered_until, metered_until, id, open_nano: nano_usd } = piece;
    if (!within(ledgered_until) || metered_until === ledgered_until) continue;
    yield {
      ...{ owner: piece.owner, user: piece.owner, workspace_id: piece.workspace_id },
      ...{ provider: piece.provider, kind: 'storage', missing_prices: [], day: ledgered_until.slice(0, 10) },
      ...{ session_id: null, storage_id: id, nano_usd },
      milliseconds: epochMs(metered_until) - epochMs(ledgered_until),
    };
  }
}

/** Everything of a span, each once: whole days by their sums, what is left of it at either end from the ledger. */
async function* ledgerIn(deps: Deps, owner: string | null, span: Span): AsyncGenerator<CostPart> {
  const days = wholeDays(span, deps.rollups_since, deps.clock.now());
  if (days.from >= days.to) {
    yield* entriesIn(deps, owner, span);
    return;
  }
  yield* entriesIn(deps, owner, { from: span.from, to: days.from });
  yield* sumsIn(deps, owner, days);
  yield* entriesIn(deps, owner, { from: days.to, to: span.to });
}

/** What a span has cost: its ledger, and of what still runs the hour that has begun. By session, sums do not do. */
export async function* costsIn(
  deps: Deps,
  owner: string | null,
  span: Span,
  bySession: boolean,
): AsyncGenerator<CostPart> {
  yield* bySession ? entriesIn(deps, owner, span) : ledgerIn(deps, owner, span);
  yield* openHoursIn(deps, owner, span);
}
