import type { z } from 'zod';
import type { SessionCost } from '#contract/entities/cost.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import { usd } from '#domain/money.ts';
import { readPlan } from '#domain/plan.ts';
import { costNanoUsd, missingPrices, ratePerHour } from '#domain/pricing.ts';
import { epochMs } from '#ports/clock.ts';
import { sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { pricesOf } from '../billing/prices.ts';
import type { SessionDoc } from '../model/docs.ts';

const noteFor = (session: SessionDoc): string | null => {
  if (session.bill.shape === 'local') return 'It runs on your own machine: nothing is charged.';
  if (session.driver === 'local') return `It runs on your own machine, priced as if it ran on ${session.bill.shape}.`;
  return null;
};

/** What a session has cost so far, by the function that bills it, and what the ledger has of it already. */
export const sessionCost = async (
  deps: Deps,
  call: Call,
  input: { id: string },
): Promise<z.infer<typeof SessionCost>> => {
  const session = await sessionFor(lookupIn(deps.store), call, input.id, 'viewer');
  const table = pricesOf(deps.settings);
  const bill = readPlan(session.bill);
  const missing = [...missingPrices(bill, table)];
  const started = session.started_at === null ? null : epochMs(session.started_at);
  const runs = !isTerminal(session.status) && started !== null;
  const now = runs ? Math.max(deps.clock.now(), epochMs(session.metered_until ?? session.created_at)) : null;
  const soFar = runs && now !== null ? costNanoUsd(bill, 0, now - started, table) : session.billed_nano;
  const end = isTerminal(session.status) ? null : epochMs(session.expires_at);
  const whole =
    end === null
      ? session.billed_nano
      : costNanoUsd(bill, 0, Math.max(0, end - (started ?? epochMs(session.created_at))), table);
  const rate = ratePerHour(bill, table).total;
  const billedMs = started === null || session.metered_until === null ? 0 : epochMs(session.metered_until) - started;
  return {
    session_id: session.id,
    status: session.status,
    cost_so_far: missing.length > 0 ? null : usd(soFar),
    billed: usd(session.billed_nano),
    cost_per_hour: rate === null ? null : usd(rate),
    billed_until: session.metered_until,
    billed_seconds: billedMs / 1000,
    estimated_total_cost: missing.length > 0 ? null : usd(whole),
    currency: table.currency,
    region: table.region,
    note: noteFor(session),
    missing_prices: missing,
  };
};
