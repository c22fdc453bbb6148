import { z } from 'zod';
import { PriceList } from './common.ts';

export const Package = z
  .object({
    name: z.string(),
    cpu: z.string(),
    memory: z.string(),
    cpu_millis: z.number().int(),
    memory_mb: z.number().int(),
    gpu: z.object({ type: z.string(), count: z.number().int() }).nullable(),
    default_image: z.string(),
    allowed_user_types: z.array(z.string()),
    allowed: z.boolean().nullable().meta({ description: 'Whether the caller may use it; null for an admin key.' }),
    cost_per_hour: z
      .record(z.string(), z.number().nullable())
      .meta({ description: 'By provider; null: not offered there, or its price is missing.' }),
    currency: z.string(),
    price_list: PriceList,
  })
  .meta({ id: 'Package' });

export const Provider = z
  .object({
    name: z.string(),
    available: z.boolean(),
    why: z.string().nullable().meta({ description: 'Why it is off, or who serves it.' }),
    driver: z.string().nullable(),
    images: z.boolean(),
    gpu: z.boolean(),
    gpu_types: z.array(z.string()),
    max_life_minutes: z.number().int().nullable(),
    isolation: z.string().nullable(),
  })
  .meta({ id: 'Provider' });

export const Info = z
  .object({
    service: z.string(),
    version: z.string(),
    status: z.string(),
    region: z.string(),
    mode: z.string(),
    docs: z.string(),
    openapi: z.string(),
    user_id: z.string().nullable().meta({ description: 'Whom the key acts for; null for an admin key.' }),
  })
  .meta({ id: 'Info' });
export const Health = z
  .object({ status: z.literal('healthy'), version: z.string(), timestamp: z.string(), uptime_seconds: z.number() })
  .meta({ id: 'Health' });
export const Ready = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) }).meta({ id: 'Ready' });
