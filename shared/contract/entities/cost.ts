import { z } from 'zod';
import { Instant, NullableInstant, PriceList, UserId, WorkspaceId } from './common.ts';

const Rate = z.number().nullable().meta({ description: 'Null where the price is missing from the price table.' });
const AtLeast = z
  .number()
  .meta({ description: 'The known part of the figure before it; the same where no price is missing.' });
const AtMost = z.number().nullable().meta({
  description: 'The figure with the upper bounds of missing prices; null where one of those has no bound.',
});
const MissingPrices = z
  .array(z.string())
  .meta({ description: 'Rows that the price table lacks a price for: only the known part is estimated and billed.' });

export const Estimate = z
  .object({
    provider: z.string(),
    cpu_cost_per_hour: Rate,
    memory_cost_per_hour: Rate,
    gpu_cost_per_hour: Rate,
    storage_cost_per_hour: Rate,
    total_cost_per_hour: Rate,
    at_least_total_cost_per_hour: AtLeast,
    at_most_total_cost_per_hour: AtMost,
    estimated_total_cost: Rate,
    at_least_estimated_total_cost: AtLeast,
    at_most_estimated_total_cost: AtMost,
    currency: z.string(),
    region: z.string(),
    ttl_minutes: z.number(),
    plan: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What the provider will really run and bill.' }),
    warnings: z.array(z.string()),
    missing_prices: MissingPrices,
    price_table: z.string().meta({ description: 'Version of the built-in price table.' }),
    price_list: PriceList,
    providers: z
      .array(z.record(z.string(), z.unknown()))
      .optional()
      .meta({ description: 'With provider auto: the same for each provider, refusals included.' }),
  })
  .meta({ id: 'Estimate' });

export const SessionCost = z
  .object({
    session_id: z.string(),
    status: z.string(),
    cost_so_far: Rate,
    at_least_cost_so_far: AtLeast,
    at_most_cost_so_far: AtMost,
    billed: z.number().meta({ description: 'What the ledger has of it: the known part.' }),
    cost_per_hour: Rate,
    at_least_cost_per_hour: AtLeast,
    at_most_cost_per_hour: AtMost,
    billed_until: NullableInstant,
    billed_seconds: z.number(),
    estimated_total_cost: Rate,
    at_least_estimated_total_cost: AtLeast,
    at_most_estimated_total_cost: AtMost,
    currency: z.string(),
    region: z.string(),
    note: z.string().nullable(),
    missing_prices: MissingPrices,
    price_list: PriceList,
  })
  .meta({ id: 'SessionCost' });

export const COST_GROUPS = ['user', 'workspace', 'session', 'provider', 'kind', 'day', 'month'] as const;
export const CostsQuery = z.object({
  user: UserId.optional(),
  workspace_id: WorkspaceId.optional(),
  workspace_owner: UserId.optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  group_by: z.enum(COST_GROUPS).optional(),
});
export const Costs = z
  .object({
    from: Instant,
    to: Instant,
    currency: z.string(),
    price_list: z.string().meta({ description: 'Name of the price list in use now; each ledger entry has its own.' }),
    total: z.number().meta({ description: 'The known part, where prices were missing.' }),
    missing_prices: z.array(z.string()).meta({
      description: 'Rows that had no price when what is summed here was billed: the true total is higher.',
    }),
    groups: z.array(z.object({ key: z.string(), cost: z.number(), seconds: z.number() })),
    truncated: z.boolean(),
  })
  .meta({ id: 'Costs' });
