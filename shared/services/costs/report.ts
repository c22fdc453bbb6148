import type { z } from 'zod';
import type { Costs, CostsQuery } from '#contract/entities/cost.ts';
import { invalidField, Problem } from '#contract/errors.ts';
import { usd } from '#domain/money.ts';
import { monthOf } from '#domain/months.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { actsForAnyone, actingUser, confinementOf, pathUser, refuseSessionKeys, roleIn } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { everyDoc } from '../kernel/pages.ts';
import { ledger } from '../model/collections.ts';
import type { LedgerDoc } from '../model/docs.ts';

/** Entries that one report reads at the most; past it the answer says `truncated`. */
const MOST_READ = 200_000;

const GROUPS: Readonly<Record<NonNullable<z.infer<typeof CostsQuery>['group_by']>, (entry: LedgerDoc) => string>> = {
  user: (entry) => entry.user,
  workspace: (entry) => `${entry.owner}/${entry.workspace_id}`,
  session: (entry) => entry.session_id ?? `storage ${entry.storage_id ?? ''}`,
  provider: (entry) => entry.provider,
  kind: (entry) => entry.kind,
  day: (entry) => entry.from.slice(0, 10),
  month: (entry) => entry.from.slice(0, 7),
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
  const from = input.from ? epochMs(input.from) : Date.parse(`${monthOf(now)}-01T00:00:00.000Z`);
  const to = input.to ? epochMs(input.to) : now;
  if (to < from) throw invalidField('to', 'lies before from');
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
  const range = { gte: iso(from), lt: iso(to) };
  const entries = everyDoc(deps.store, ledger, {
    ...(owner === null ? {} : { where: { owner } }),
    order: { field: 'from', direction: 'asc' },
    range,
  });
  const missing = new Set<string>();
  let total = 0;
  let read = 0;
  let truncated = false;
  for await (const entry of entries) {
    if (read === MOST_READ) {
      truncated = true;
      break;
    }
    read += 1;
    if (input.user !== undefined && entry.user !== input.user && entry.owner !== input.user) continue;
    if (member !== null && entry.user !== member) continue;
    if (workspace_id !== undefined && entry.workspace_id !== workspace_id) continue;
    total += entry.nano_usd;
    for (const item of entry.missing_prices) missing.add(item);
    if (!group) continue;
    const key = group(entry);
    const sum = sums.get(key) ?? { nano: 0, ms: 0 };
    sums.set(key, { nano: sum.nano + entry.nano_usd, ms: sum.ms + entry.milliseconds });
  }
  return {
    from: iso(from),
    to: iso(to),
    currency: table.currency,
    price_list: table.name,
    total: usd(total),
    missing_prices: [...missing].sort(),
    groups: [...sums].map(([key, sum]) => ({ key, cost: usd(sum.nano), seconds: sum.ms / 1000 })),
    truncated,
  };
};
