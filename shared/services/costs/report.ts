import type { z } from 'zod';
import type { Costs, CostsQuery } from '#contract/entities/cost.ts';
import { invalidField, Problem } from '#contract/errors.ts';
import { usd } from '#domain/money.ts';
import { DAY_MS, hourAfter, hourBefore, monthOf } from '#domain/months.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { actsForAnyone, actingUser, confinementOf, pathUser, refuseSessionKeys, roleIn } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { type CostPart, costsIn, type Span } from './sums.ts';

/** Entries and sums that one report reads at the most; past it the answer says `truncated`. */
const MOST_READ = 200_000;
/** By session a report reads every entry of the ledger. */
const MOST_DAYS_BY_SESSION = 31;

const GROUPS: Readonly<Record<NonNullable<z.infer<typeof CostsQuery>['group_by']>, (part: CostPart) => string>> = {
  user: ({ user }) => user,
  workspace: ({ owner, workspace_id }) => `${owner}/${workspace_id}`,
  session: ({ session_id, storage_id }) => session_id ?? `storage ${storage_id ?? ''}`,
  provider: ({ provider }) => provider,
  kind: ({ kind }) => kind,
  day: ({ day }) => day,
  month: ({ day }) => day.slice(0, 7),
};

/** The ledger is by the hour: the span from the full hour before to the full hour after. @throws Problem invalid */
const spanOf = (input: z.infer<typeof CostsQuery>, now: number): Span => {
  const from = input.from ? epochMs(input.from) : Date.parse(`${monthOf(now)}-01T00:00:00.000Z`);
  const to = input.to ? epochMs(input.to) : now;
  if (to < from) throw invalidField('to', 'is before from');
  return { from: hourBefore(from), to: hourAfter(to) };
};

/**
 * The ledger summed. Costs are the workspace owner's, whoever used it: for an owner they are all of theirs, for a
 * member those of the member's own sessions in the owner's workspace.
 */
export const reportCosts = async (
  deps: Deps,
  call: Call,
  input: z.infer<typeof CostsQuery>,
): Promise<z.infer<typeof Costs>> => {
  const now = deps.clock.now();
  const span = spanOf(input, now);
  const bySession = input.group_by === 'session';
  if (bySession && span.to - span.from > MOST_DAYS_BY_SESSION * DAY_MS)
    throw invalidField('group_by', `session takes at most ${MOST_DAYS_BY_SESSION} days; ask for a shorter time`);
  refuseSessionKeys(call);
  const own = actsForAnyone(call.actor) ? null : actingUser(call, null, 'user');
  if (own !== null && input.user !== undefined) pathUser(call, input.user);
  const confined = confinementOf(call.actor);
  const owner = input.workspace_owner ?? confined?.owner ?? own;
  const workspace_id = input.workspace_id ?? confined?.workspace_id;
  if (confined && (owner !== confined.owner || workspace_id !== confined.workspace_id)) {
    throw new Problem('not_found', `Workspace ${workspace_id} does not exist, or you can’t see it.`);
  }
  let member: string | null = null;
  if (own !== null && owner !== null && owner !== own) {
    const role = workspace_id === undefined ? null : await roleIn(lookupIn(deps.store), call, owner, workspace_id);
    if (role === null) pathUser(call, owner);
    member = own;
  }
  const table = deps.settings.prices;
  const group = input.group_by ? GROUPS[input.group_by] : null;
  const sums = new Map<string, { nano: number; ms: number }>();
  const parts = costsIn(deps, owner, span, bySession);
  const missing = new Set<string>();
  let total = 0;
  let read = 0;
  let truncated = false;
  for await (const part of parts) {
    if (read === MOST_READ) {
      truncated = true;
      break;
    }
    read += 1;
    if (input.user !== undefined && part.user !== input.user && part.owner !== input.user) continue;
    if (member !== null && part.user !== member) continue;
    if (workspace_id !== undefined && part.workspace_id !== workspace_id) continue;
    total += part.nano_usd;
    for (const item of part.missing_prices) missing.add(item);
    if (!group) continue;
    const key = group(part);
    const sum = sums.get(key) ?? { nano: 0, ms: 0 };
    sums.set(key, { nano: sum.nano + part.nano_usd, ms: sum.ms + part.milliseconds });
  }
  return {
    from: iso(span.from),
    to: iso(span.to),
    currency: table.currency,
    price_list: table.name,
    total: usd(total),
    missing_prices: [...missing].sort(),
    groups: [...sums].map(([key, sum]) => ({ key, cost: usd(sum.nano), seconds: sum.ms / 1000 })),
    truncated,
  };
};
