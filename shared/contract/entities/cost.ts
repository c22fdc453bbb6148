import { z } from 'zod';
import { Instant, NullableInstant, UserId, WorkspaceId } from './common.ts';

const Rate = z.number().nullable().meta({ description: 'Null where the price is missing from the price table.' });

export const Estimate = z
  .object({
    provider: z.string(),
    cpu_cost_per_hour: Rate,
    memory_cost_per_hour: Rate,
    gpu_cost_per_hour: Rate,
    storage_cost_per_hour: Rate,
    total_cost_per_hour: Rate,
    estimated_total_cost: Rate,
    currency: z.string(),
    region: z.string(),
    ttl_minutes: z.number(),
    plan: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What the provider will really run and bill.' }),
    warnings: z.array(z.string()),
    missing_prices: z.array(z.string()),
    price_table: z.string().meta({ description: 'Version of the price table.' }),
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
    cost_so_far: z.number().nullable(),
    billed: z.number().meta({ description: 'What the ledger has of it.' }),
    cost_per_hour: Rate,
    billed_until: NullableInstant,
    billed_seconds: z.number(),
    estimated_total_cost: Rate,
    currency: z.string(),
    region: z.string(),
    note: z.string().nullable(),
    missing_prices: z.array(z.string()),
  })
  .meta({ id: 'SessionCost' });

const COST_GROUPS = ['user', 'workspace', 'session', 'provider', 'kind', 'day', 'month'] as const;
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
    total: z.number(),
    groups: z.array(z.object({ key: z.string(), cost: z.number(), seconds: z.number() })),
    truncated: z.boolean(),
  })
  .meta({ id: 'Costs' });
