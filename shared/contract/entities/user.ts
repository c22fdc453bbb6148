import { z } from 'zod';
import { Instant } from './common.ts';

export const USER_TYPES = ['free', 'pro', 'enterprise', 'admin'] as const;
export type UserType = (typeof USER_TYPES)[number];
export const BUDGET_ACTIONS = ['refuse', 'terminate'] as const;

/** The unit that money is counted in. Less would be counted as nothing. */
const LEAST_USD = 1e-9;

export const UserPut = z
  .strictObject({
    user_type: z
      .preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(USER_TYPES))
      .optional()
      .meta({ description: 'Type of the user, which decides the limits; unchanged if left out.' }),
    max_concurrent_sessions: z.number().int().min(0).max(1000).nullish().meta({
      description:
        'Live sessions at the same time, instead of the limit of the user type; null: the limit of the user type.',
    }),
    monthly_budget_usd: z
      .number()
      .min(0)
      .max(1_000_000)
      .refine((usd) => usd === 0 || usd >= LEAST_USD, `must be 0 or at least ${LEAST_USD.toFixed(9)}`)
      .nullish()
      .meta({ description: 'Budget of each UTC month in USD; null: no budget.' }),
    budget_action: z.enum(BUDGET_ACTIONS).optional().meta({
      description:
        'Action for when the budget is spent: `refuse` creates, or `terminate` live sessions too; unchanged if left out.',
    }),
  })
  .meta({ id: 'UserPut' });

export const User = z
  .object({
    user_id: z.string().meta({ description: 'Id of the user.' }),
    user_type: z.enum(USER_TYPES).meta({ description: 'Type of the user, which decides the limits.' }),
    max_concurrent_sessions: z.number().int().meta({ description: 'Limit of live sessions at the same time.' }),
    monthly_budget_usd: z
      .number()
      .nullable()
      .meta({ description: 'Budget of each UTC month in USD; null: no budget.' }),
    budget_action: z.enum(BUDGET_ACTIONS).meta({
      description: 'Action for when the budget is spent: `refuse` creates, or `terminate` live sessions too.',
    }),
    created_at: Instant.meta({ description: 'When the user was created.' }),
  })
  .meta({ id: 'User' });

const Limit = z.object({
  limit: z.number().meta({ description: 'The limit.' }),
  used: z.number().meta({ description: 'Current use.' }),
});
export const Entitlements = z
  .object({
    user_id: z.string().meta({ description: 'Id of the user.' }),
    user_type: z.enum(USER_TYPES).meta({ description: 'Type of the user.' }),
    workspaces: Limit.meta({ description: 'Workspaces, without the default one.' }),
    concurrent_sessions: Limit.meta({ description: 'Live sessions.' }),
    per_workspace: z
      .object({
        buckets: z.number().meta({ description: 'Number of buckets.' }),
        volumes: z.number().meta({ description: 'Number of volumes.' }),
        storage_gb: z.number().meta({ description: 'Size of all volumes and buckets together, in GB.' }),
      })
      .meta({ description: 'Limits of each workspace.' }),
    storage: z
      .array(
        z.object({
          workspace_id: z.string().meta({ description: 'Id of the workspace.' }),
          buckets: Limit.meta({ description: 'Number of buckets.' }),
          volumes: Limit.meta({ description: 'Number of volumes.' }),
          storage_gb: Limit.meta({ description: 'Size of all volumes and buckets together, in GB.' }),
        }),
      )
      .meta({ description: 'Storage of each workspace.' }),
    allowed_packages: z.array(z.string()).meta({ description: 'Packages that the user may request.' }),
    allowed_gpus: z.array(z.string()).meta({ description: 'Types of GPU that the user may request.' }),
    sharing: z.boolean().meta({ description: 'Whether the user may share workspaces.' }),
    cross_namespace: z
      .boolean()
      .meta({ description: 'Whether the user may have live sessions in several namespaces.' }),
    budget: z
      .object({
        month: z.string().meta({ description: 'The UTC month, such as `2026-11`.' }),
        monthly_budget_usd: z.number().meta({ description: 'Budget of the month in USD.' }),
        budget_action: z.enum(BUDGET_ACTIONS).meta({ description: 'Action for when the budget is spent.' }),
        spent_usd: z.number().meta({ description: 'Amount billed this month in USD.' }),
        unpriced_at_most_usd: z.number().meta({
          description:
            'The most that the provider may have charged this month beyond the billed amount, for missing prices that have an upper bound, in USD. It counts against a `refuse` budget.',
        }),
        reserved_usd: z
          .number()
          .meta({ description: 'Amount reserved this month for live sessions and storage, in USD.' }),
        note: z
          .string()
          .optional()
          .meta({ description: 'With `terminate`: how much a session can exceed the budget.' }),
      })
      .nullable()
      .meta({ description: 'The budget of the current month; null without a budget.' }),
  })
  .meta({ id: 'Entitlements' });
