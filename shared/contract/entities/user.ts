import { z } from 'zod';
import { Instant } from './common.ts';

export const USER_TYPES = ['free', 'pro', 'enterprise', 'admin'] as const;
export type UserType = (typeof USER_TYPES)[number];
export const BUDGET_ACTIONS = ['refuse', 'terminate'] as const;

export const UserPut = z
  .object({
    user_type: z
      .preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(USER_TYPES))
      .optional(),
    max_concurrent_sessions: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .nullish()
      .meta({ description: 'Instead of what the user type gives; null: that.' }),
    monthly_budget_usd: z.number().min(0).max(1_000_000).nullish().meta({ description: 'Per UTC month; null: none.' }),
    budget_action: z.enum(BUDGET_ACTIONS).optional(),
  })
  .meta({ id: 'UserPut' });

export const User = z
  .object({
    user_id: z.string(),
    user_type: z.enum(USER_TYPES),
    max_concurrent_sessions: z.number().int(),
    monthly_budget_usd: z.number().nullable(),
    budget_action: z.enum(BUDGET_ACTIONS),
    created_at: Instant,
  })
  .meta({ id: 'User' });

const Limit = z.object({ limit: z.number(), used: z.number() });
export const Entitlements = z
  .object({
    user_id: z.string(),
    user_type: z.enum(USER_TYPES),
    workspaces: Limit,
    concurrent_sessions: Limit,
    per_workspace: z.object({ buckets: z.number(), volumes: z.number(), storage_gb: z.number() }),
    storage: z.array(z.object({ workspace_id: z.string(), buckets: Limit, volumes: Limit, storage_gb: Limit })),
    allowed_packages: z.array(z.string()),
    allowed_gpus: z.array(z.string()),
    sharing: z.boolean(),
    cross_namespace: z.boolean(),
    budget: z
      .object({
        month: z.string(),
        monthly_budget_usd: z.number(),
        budget_action: z.enum(BUDGET_ACTIONS),
        spent_usd: z.number(),
        reserved_usd: z.number(),
        note: z.string().optional(),
      })
      .nullable(),
  })
  .meta({ id: 'Entitlements' });
