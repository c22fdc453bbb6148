import type { z } from 'zod';
import type { Costs, CostsQuery } from '#contract/entities/cost.ts';
import { invalidField, missingOrHidden } from '#contract/errors.ts';
import { usd } from '#domain/money.ts';
import { DAY_MS, hourAfter, hourBefore, monthOf } from '#domain/months.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { actsForAnyone, actingUser, confinementOf, pathUser, refuseSessionKeys, roleIn } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { billedStorageLabel } from '../model/labels.ts';
import { type CostPart, ledgerOf, type OpenHour, openHoursIn, type Span } from './sums.ts';

/** Entries and sums that one report reads at the most; past it the answer says `truncated`. */
const MOST_READ = 200_000;
/** By session a report reads every entry of the ledger. */
const MOST_DAYS_BY_SESSION = 31;

const GROUPS: Readonly<Record<NonNullable<z.infer<typeof CostsQuery>['group_by']>, (part: CostPart) => string>> = {
  user: ({ user }) => user,
  workspace: ({ owner, workspace_id }) => `${owner}/${workspace_id}`,
  session: (part) => part.session_id ?? `storage ${billedStorageLabel(part) ?? ''}`,
  provider: ({ provider }) => provider,
  kind: ({ kind }) => kind,
  day: ({ day }) => day,
  month: ({ day }) => day.slice(0, 7),
};

/** The span of hours that can be written in four digits of a year. */
const FIRST = 0;
const LAST = Date.UTC(9999, 11, 31, 23);

/** The ledger is by the hour: the span from the full hour before to the full hour after. @throws Problem invalid */
const spanOf = (input: z.infer<typeof CostsQuery>, now: number): Span => {
  const from = input.from ? epochMs(input.from) : Date.parse(`${monthOf(now)}-01T00:00:00.000Z`);
  const to = input.to ? epochMs(input.to) : Math.max(now, from);
  if (to < from) throw invalidField('to', 'is before from');
  if (input.group_by === 'session' && to - from > MOST_DAYS_BY_SESSION * DAY_MS)
    throw invalidField('group_by', `session takes at most ${MOST_DAYS_BY_SESSION} days; ask for a shorter time`);
  return { from: Math.max(hourBefore(from), FIRST), to: Math.min(hourAfter(to), LAST) };
};

interface Sums {
  total: number;
  truncated: boolean;
  readonly missing: Set<string>;
  readonly groups: Map<string, { nano: number; ms: number }>;
}

const addTo = (sums: Sums, part: CostPart, group: ((part: CostPart) => string) | null): void => {
  sums.total += part.nano_usd;
  for (const item of part.missing_prices) sums.missing.add(item);
  if (!group) return;
  const key = group(part);
  const sum = sums.groups.get(key) ?? { nano: 0, ms: 0 };
  sums.groups.set(key, { nano: sum.nano + part.nano_usd, ms: sum.ms + part.milliseconds });
};

/** Whether the same hours are open: else one of them went into the ledger while that was read. */
const sameHours = (a: readonly OpenHour[], b: readonly OpenHour[]): boolean => {
  const names = (hours: readonly OpenHour[]): string =>
    JSON.stringify(hours.map(({ session_id, storage_id, since }) => [session_id, storage_id, since]));
  return names(a) === names(b);
};

/** How often a report is repeated because an hour was written to the ledger in the meantime. */
const TRIES = 3;

/** What a span has cost: its ledger, and the hours that have begun. */
const sumUp = async (
  deps: Deps,
  owner: string | null,
  span: Span,
  group_by: z.infer<typeof CostsQuery>['group_by'],
  counts: (part: CostPart) => boolean,
): Promise<Sums> => {
  const group = group_by ? GROUPS[group_by] : null;
  let before = await openHoursIn(deps, owner, span);
  for (let tried = 1; ; tried++) {
    const sums: Sums = { total: 0, truncated: false, missing: new Set(), groups: new Map() };
    let read = 0;
    for await (const part of ledgerOf(deps, owner, span, group_by === 'session')) {
      if (read === MOST_READ) {
        sums.truncated = true;
        break;
      }
      read += 1;
      if (counts(part)) addTo(sums, part, group);
    }
    const after = await openHoursIn(deps, owner, span);
    if (tried < TRIES && !sameHours(before, after)) {
      before = after;
      continue;
    }
    for (const part of after) if (counts(part)) addTo(sums, part, group);
    return sums;
  }
};

/**
 * Sums the ledger. Costs belong to the workspace owner, no matter who used it. An owner gets all of them, a member
 * those of the member's own sessions in the owner's workspace.
 */
export const reportCosts = async (
  deps: Deps,
  call: Call,
  input: z.infer<typeof CostsQuery>,
): Promise<z.infer<typeof Costs>> => {
  const now = deps.clock.now();
  const span = spanOf(input, now);
  refuseSessionKeys(call);
  const own = actsForAnyone(call.actor) ? null : actingUser(call, null, 'user');
  if (own !== null && input.user !== undefined) pathUser(call, input.user);
  const confined = confinementOf(call.actor);
  const owner = input.workspace_owner ?? confined?.owner ?? own;
  const workspace_id = input.workspace_id ?? confined?.workspace_id;
  if (confined && (owner !== confined.owner || workspace_id !== confined.workspace_id)) {
    throw missingOrHidden('workspace', String(workspace_id));
  }
  let member: string | null = null;
  if (own !== null && owner !== null && owner !== own) {
    const role = workspace_id === undefined ? null : await roleIn(lookupIn(deps.store), call, owner, workspace_id);
    if (role === null) pathUser(call, owner);
    member = own;
  }
  const table = deps.settings.prices;
  const counts = (part: CostPart): boolean =>
    (input.user === undefined || part.user === input.user || part.owner === input.user) &&
    (member === null || part.user === member) &&
    (workspace_id === undefined || part.workspace_id === workspace_id);
  const { total, truncated, missing, groups } = await sumUp(deps, owner, span, input.group_by, counts);
  return {
    from: iso(span.from),
    to: iso(span.to),
    currency: table.currency,
    price_list: table.name,
    total: usd(total),
    missing_prices: [...missing].sort(),
    groups: [...groups].map(([key, sum]) => ({ key, cost: usd(sum.nano), seconds: sum.ms / 1000 })),
    truncated,
  };
};
