import { z } from 'zod';
import { Instant, NullableInstant, PriceList, UserId, WorkspaceId } from './common.ts';

const Rate = z.number().nullable().meta({ description: 'Null if a price is missing.' });
const AtLeast = z.number().meta({ description: 'The known part of the amount; equal to it if no price is missing.' });
const AtMost = z.number().nullable().meta({
  description: 'The amount with the upper bounds of missing prices; null if one of these has no bound.',
});
const MissingPrices = z
  .array(z.string())
  .meta({ description: 'Rows of the price table that have no price. Only the known part is estimated and billed.' });

const Note = z
  .string()
  .nullable()
  .meta({ description: 'Why the session costs nothing, or which provider’s prices are used; otherwise null.' });

export const Estimate = z
  .object({
    provider: z.string().meta({ description: 'Provider whose price this is; `local` on your own machine.' }),
    cpu_cost_per_hour: Rate.meta({ description: 'CPU for one hour; null if a price is missing.' }),
    memory_cost_per_hour: Rate.meta({ description: 'Memory for one hour; null if a price is missing.' }),
    gpu_cost_per_hour: Rate.meta({ description: 'GPUs for one hour; null if a price is missing.' }),
    storage_cost_per_hour: Rate.meta({ description: 'Storage for one hour; null if a price is missing.' }),
    total_cost_per_hour: Rate.meta({ description: 'All of it for one hour; null if a price is missing.' }),
    at_least_total_cost_per_hour: AtLeast,
    at_most_total_cost_per_hour: AtMost,
    estimated_total_cost: Rate.meta({ description: 'All of it for the time to live; null if a price is missing.' }),
    at_least_estimated_total_cost: AtLeast,
    at_most_estimated_total_cost: AtMost,
    currency: z.string().meta({ description: 'Currency of all amounts: `USD`.' }),
    region: z.string().meta({ description: 'Region whose prices are used.' }),
    ttl_minutes: z.number().meta({ description: 'Time to live that was estimated, in minutes.' }),
    plan: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What the provider will run and bill; null if it refuses.' }),
    warnings: z.array(z.string()).meta({ description: 'What the provider can’t give.' }),
    note: Note,
    missing_prices: MissingPrices,
    price_table: z.string().meta({ description: 'Version of the built-in price table.' }),
    price_list: PriceList,
    providers: z
      .array(z.record(z.string(), z.unknown()))
      .optional()
      .meta({ description: 'With provider `auto`: the same estimate for each provider, or why it refuses.' }),
  })
  .meta({ id: 'Estimate' });

export const SessionCost = z
  .object({
    session_id: z.string().meta({ description: 'Id of the session.' }),
    status: z
      .string()
      .meta({ description: '`creating`, `running`, `terminating`, and at the end `terminated` or `failed`.' }),
    cost_so_far: Rate.meta({ description: 'Cost until now; null if a price is missing.' }),
    at_least_cost_so_far: AtLeast,
    at_most_cost_so_far: AtMost,
    billed: z
      .number()
      .meta({ description: 'The part of `cost_so_far` that the meter has counted. Missing prices are not in it.' }),
    cost_per_hour: Rate.meta({ description: 'Cost of one hour; null if a price is missing.' }),
    at_least_cost_per_hour: AtLeast,
    at_most_cost_per_hour: AtMost,
    billed_until: NullableInstant.meta({
      description: 'Time up to which the meter has counted; null before its first look.',
    }),
    billed_seconds: z.number().meta({ description: 'Seconds that `billed` covers.' }),
    estimated_total_cost: Rate.meta({
      description: 'Cost until the end of the time to live; null if a price is missing.',
    }),
    at_least_estimated_total_cost: AtLeast,
    at_most_estimated_total_cost: AtMost,
    currency: z.string().meta({ description: 'Currency of all amounts: `USD`.' }),
    region: z.string().meta({ description: 'Region whose prices are used.' }),
    note: Note,
    missing_prices: MissingPrices,
    price_list: PriceList,
  })
  .meta({ id: 'SessionCost' });

export const COST_GROUPS = ['user', 'workspace', 'session', 'provider', 'kind', 'day', 'month'] as const;
export const CostsQuery = z.object({
  user: UserId.optional(),
  workspace_id: WorkspaceId.optional(),
  workspace_owner: UserId.optional(),
  from: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'Begin of the report (default: begin of the UTC month). Moved back to the full hour.' }),
  to: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'End of the report (default: now). Moved on to the full hour.' }),
  group_by: z
    .enum(COST_GROUPS)
    .optional()
    .meta({ description: 'How `groups` are formed; by default there are no groups, only the total.' }),
});
export const Costs = z
  .object({
    from: Instant.meta({ description: 'Begin of the report, a full hour.' }),
    to: Instant.meta({ description: 'End of the report, a full hour.' }),
    currency: z.string().meta({ description: 'Currency of all amounts: `USD`.' }),
    price_list: z.string().meta({ description: 'Name of the price list in use now; each ledger entry has its own.' }),
    total: z.number().meta({ description: 'Sum of all groups. Missing prices are not in it.' }),
    missing_prices: z.array(z.string()).meta({
      description: 'Rows of the price table that had no price when this was billed. The true total is higher.',
    }),
    groups: z
      .array(
        z.object({
          key: z
            .string()
            .meta({ description: 'What the sum is for: a day, month, user, workspace, session, provider or kind.' }),
          cost: z.number().meta({ description: 'Amount.' }),
          seconds: z.number().meta({ description: 'Running time in seconds.' }),
        }),
      )
      .meta({ description: 'The sums.' }),
    truncated: z
      .boolean()
      .meta({ description: 'Whether the ledger has more than one report can read; the sums are then incomplete.' }),
  })
  .meta({ id: 'Costs' });
