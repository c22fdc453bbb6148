import { z } from 'zod';
import { Instant, PriceList } from './common.ts';

export const Package = z
  .object({
    name: z.string().meta({ description: 'Name of the package.' }),
    cpu: z.string().meta({ description: 'CPU as a quantity, such as `500m` or `2`.' }),
    memory: z.string().meta({ description: 'Memory as a quantity, such as `2Gi`.' }),
    cpu_millis: z.number().int().meta({ description: 'CPU in thousandths of a CPU.' }),
    memory_mb: z.number().int().meta({ description: 'Memory in MiB.' }),
    gpu: z
      .object({
        type: z.string().meta({ description: 'Type of the GPU.' }),
        count: z.number().int().meta({ description: 'Number of GPUs.' }),
      })
      .nullable()
      .meta({ description: 'GPU; null if the package has none.' }),
    default_image: z.string().meta({ description: 'Type of the image that is used if none is requested.' }),
    allowed_user_types: z.array(z.string()).meta({ description: 'User types that may use the package.' }),
    allowed: z.boolean().nullable().meta({ description: 'Whether the caller may use it; null for an admin key.' }),
    cost_per_hour: z.record(z.string(), z.number().nullable()).meta({
      description: 'Price of one hour by provider; null if the provider does not offer it or its price is missing.',
    }),
    currency: z.string().meta({ description: 'Currency of all amounts: `USD`.' }),
    price_list: PriceList,
  })
  .meta({ id: 'Package' });

export const Provider = z
  .object({
    name: z.string().meta({ description: 'Name of the provider, as a session requests it.' }),
    available: z.boolean().meta({ description: 'Whether sessions can request it.' }),
    why: z.string().nullable().meta({ description: 'Why it is not available, or which driver serves it.' }),
    driver: z.string().nullable().meta({ description: 'Driver that runs its sessions; null if it is not available.' }),
    images: z.boolean().meta({ description: 'Whether it runs container images.' }),
    gpu: z.boolean().meta({ description: 'Whether it has GPUs.' }),
    gpu_types: z.array(z.string()).meta({ description: 'Types of GPU that it offers.' }),
    max_life_minutes: z.number().int().nullable().meta({
      description: 'Longest time to live of a session without a GPU, in minutes; null if the provider sets no limit.',
    }),
    isolation: z
      .string()
      .nullable()
      .meta({ description: 'Isolation level of its sessions; null if it is not available.' }),
  })
  .meta({ id: 'Provider' });

export const Info = z
  .object({
    service: z.string().meta({ description: 'Always `onmemos`.' }),
    version: z.string().meta({ description: 'Version of the server.' }),
    status: z.string().meta({ description: 'Always `running`.' }),
    region: z.string().meta({ description: 'Region whose prices are used.' }),
    mode: z.string().meta({ description: 'Kind of deployment, such as `standalone`.' }),
    docs: z.string().meta({ description: 'Path of the API page.' }),
    openapi: z.string().meta({ description: 'Path of the OpenAPI document.' }),
    user_id: z.string().nullable().meta({ description: 'User that the key acts for; null for an admin key.' }),
  })
  .meta({ id: 'Info' });
export const Health = z
  .object({
    status: z.literal('healthy').meta({ description: 'Always `healthy`.' }),
    version: z.string().meta({ description: 'Version of the server.' }),
    timestamp: Instant.meta({ description: 'Time of the server.' }),
    uptime_seconds: z.number().meta({ description: 'Seconds since the server started.' }),
  })
  .meta({ id: 'Health' });
export const Ready = z
  .object({
    ready: z.boolean().meta({ description: 'Always true; otherwise the answer is 503.' }),
    checks: z
      .record(z.string(), z.string())
      .meta({ description: 'State of each dependency: `ok`, otherwise a sentence.' }),
  })
  .meta({ id: 'Ready' });
