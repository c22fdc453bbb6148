import { DAY_MS, dayAfter, dayBefore, monthOf } from '#domain/months.ts';
import { missingPrices } from '#domain/pricing.ts';
import { missingStoragePrices } from '#domain/storage-pricing.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { billedStorage } from '../billing/prices.ts';
import type { Deps } from '../kernel/deps.ts';
import { everyDoc } from '../kernel/pages.ts';
import { ledger, rollups, sessions, storage } from '../model/collections.ts';
import type { LedgerDoc } from '../model/docs.ts';

/** What a report sums: one entry of the ledger, or a day's sum of many. */
export interface CostPart
  extends Pick<LedgerDoc, 'owner' | 'user' | 'workspace_id' | 'provider' | 'kind' | 'missing_prices' | 'storage'> {
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

const OF_MANY = { session_id: null, storage_id: null, storage: null };

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
      if (row.day >= first && row.day <= last) yield { ...row, owner: doc.owner, ...OF_MANY };
    }
  }
}

/** The days of a span that are whole and have sums: none before there were sums, and today counts as whole. */
const wholeDays = ({ from, to }: Span, since: number, now: number): Span => {
  const first = dayAfter(Math.max(from, since));
  const last = to >= now ? dayAfter(to) : dayBefore(to);
  return { from: first, to: Math.max(first, last) };
};

/** What is billed and not in the ledger yet, of one session or piece of storage. */
export interface OpenHour extends CostPart {
  readonly since: string;
}

interface Open {
  readonly ledgered_until: string | null;
  readonly metered_until: string | null;
  readonly open_nano: number;
}

const openHour = (
  open: Open,
  of: Omit<OpenHour, 'since' | 'day' | 'nano_usd' | 'milliseconds'>,
  { from, to }: Span,
) => {
  const { ledgered_until: since, metered_until: until, open_nano: nano_usd } = open;
  if (since === null || until === null || since === until) return [];
  const begins = epochMs(since);
  if (begins < from || begins >= to) return [];
  return [{ ...of, since, day: since.slice(0, 10), nano_usd, milliseconds: epochMs(until) - begins }];
};

/** Of sessions that run and storage that is there, the hour that has begun. */
export const openHoursIn = async (deps: Deps, owner: string | null, span: Span): Promise<readonly OpenHour[]> => {
  // It is of now, or of a provider that could not be reached for some hours.
  if (span.to < deps.clock.now() - DAY_MS) return [];
  const table = deps.settings.prices;
  const found: OpenHour[] = [];
  const live = everyDoc(deps.store, sessions, {
    where: owner === null ? { live: true } : { workspace_owner: owner, live: true },
    order: { field: 'id', direction: 'asc' },
  });
  for await (const session of live) {
    const { id, user, workspace_id, workspace_owner, provider } = session;
    const of = {
      owner: workspace_owner,
      user,
      workspace_id,
      provider,
      session_id: id,
      storage_id: null,
      storage: null,
    };
    const missing_prices = missingPrices(session.bill, table);
    found.push(...openHour(session, { ...of, kind: 'compute', missing_prices }, span));
  }
  const order = { order: { field: 'name', direction: 'asc' } } as const;
  for await (const piece of everyDoc(deps.store, storage, owner === null ? {} : { where: { owner }, ...order })) {
    const { id: storage_id, owner: user, workspace_id, provider } = piece;
    const of = { owner: user, user, workspace_id, provider, session_id: null, storage_id, storage: piece };
    const missing_prices = missingStoragePrices(billedStorage(deps, piece), table);
    found.push(...openHour(piece, { ...of, kind: 'storage', missing_prices }, span));
  }
  return found;
};

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

/** The ledger of a span. By session, sums do not do. */
export const ledgerOf = (deps: Deps, owner: string | null, span: Span, bySession: boolean): AsyncGenerator<CostPart> =>
  bySession ? entriesIn(deps, owner, span) : ledgerIn(deps, owner, span);
