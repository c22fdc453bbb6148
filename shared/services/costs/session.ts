import type { z } from 'zod';
import type { SessionCost } from '#contract/entities/cost.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import { dollars, usd } from '#domain/money.ts';
import { billLines, costBetween, costNanoUsd, missingPrices, rateBetween } from '#domain/pricing.ts';
import { epochMs } from '#ports/clock.ts';
import { billNote } from '../billing/note.ts';
import { sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';

/** What a session has cost so far, by the function that bills it, and what the ledger has of it already. */
export const sessionCost = async (
  deps: Deps,
  call: Call,
  input: { id: string },
): Promise<z.infer<typeof SessionCost>> => {
  const session = await sessionFor(lookupIn(deps.store), call, input.id, 'viewer');
  const table = deps.settings.prices;
  const bill = session.bill;
  const missing = [...missingPrices(bill, table)];
  const origin = epochMs(session.started_at ?? session.created_at);
  const billedMs =
    session.started_at === null || session.metered_until === null ? 0 : epochMs(session.metered_until) - origin;
  const live = !isTerminal(session.status);
  const ran = live && session.started_at !== null ? deps.clock.now() - origin : billedMs;
  const lives = live ? epochMs(session.expires_at) - origin : billedMs;
  /** The cost of a run of `ms`: what the ledger has, and from there on at today's prices. */
  const costOf = (ms: number) => {
    const until = Math.max(billedMs, ms);
    const at_least = session.billed_nano + costNanoUsd(bill, billedMs, until, table);
    const whole = costBetween(bill, 0, until, table);
    const at_most = whole.at_most === null ? null : at_least + whole.at_most - whole.at_least;
    return { total: missing.length > 0 ? null : at_least, at_least, at_most };
  };
  const soFar = costOf(ran);
  const perHour = rateBetween(billLines(bill), table);
  const atItsEnd = costOf(lives);
  return {
    session_id: session.id,
    status: session.status,
    cost_so_far: dollars(soFar.total),
    at_least_cost_so_far: usd(soFar.at_least),
    at_most_cost_so_far: dollars(soFar.at_most),
    billed: usd(session.billed_nano),
    cost_per_hour: missing.length > 0 ? null : usd(perHour.at_least),
    at_least_cost_per_hour: usd(perHour.at_least),
    at_most_cost_per_hour: dollars(perHour.at_most),
    billed_until: session.metered_until,
    billed_seconds: billedMs / 1000,
    estimated_total_cost: dollars(atItsEnd.total),
    at_least_estimated_total_cost: usd(atItsEnd.at_least),
    at_most_estimated_total_cost: dollars(atItsEnd.at_most),
    currency: table.currency,
    region: table.region,
    note: billNote(session.driver, session.bill.shape),
    missing_prices: missing,
    price_list: table.name,
  };
};
