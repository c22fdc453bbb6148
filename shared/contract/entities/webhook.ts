import { z } from 'zod';
import { Instant, NullableInstant, queryFilter, UserId } from './common.ts';
import { NOTICE_KINDS } from './event.ts';

export const WebhookId = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'no such id can exist')
  .meta({ description: 'Id of a webhook.', example: 'wbh-01kbp2v4w8k3e5z7c9m1q3s5t7' });

/** What went wrong with a delivery, as a closed list. */
const DELIVERY_ERRORS = [
  'address_refused',
  'name_not_found',
  'no_connection',
  'tls',
  'timeout',
  'redirect',
  'status',
] as const;

export const WebhookCreate = z
  .strictObject({
    url: z
      .string()
      .min(1)
      .max(2048)
      .meta({ description: 'Address that receives the notices.', example: 'https://example.com/hooks/onmemos' }),
    user_id: UserId.nullish().meta({
      description: 'User whose notices are sent; by default the user of the key. A key of any user must name it.',
    }),
    events: z
      .array(z.enum(NOTICE_KINDS))
      .min(1)
      .nullish()
      .meta({ description: 'Kinds of notices to send; by default all, those of later releases as well.' }),
    description: z
      .string()
      .max(200)
      .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'must not contain control characters')
      .nullish()
      .meta({ description: 'Text for people.' }),
  })
  .meta({ id: 'WebhookCreate' });

export const WebhookDelivery = z
  .object({
    id: z.string().meta({ description: 'Id of the message: its `webhook-id` header.' }),
    type: z.string().meta({ description: 'Kind of the notice, or `webhook.test`.' }),
    at: Instant.meta({ description: 'When it was sent.' }),
    milliseconds: z.number().int().meta({ description: 'How long the answer took.' }),
    success: z.boolean().meta({ description: 'Whether the receiver answered with a status from 200 to 299.' }),
    status: z.number().int().nullable().meta({ description: 'HTTP status of the answer; null if there was none.' }),
    error: z.enum(DELIVERY_ERRORS).nullable().meta({
      description:
        '`address_refused`: the name leads to an address to which the server does not send. `name_not_found`: the name leads nowhere. `no_connection`: nothing answered, or the connection broke. `tls`: the certificate or the encryption was refused. `timeout`: no answer within 10 s. `redirect`: the answer was a redirect, which is not followed. `status`: another answer than success. null: success.',
    }),
  })
  .meta({ id: 'WebhookDelivery' });

export const Webhook = z
  .object({
    webhook_id: WebhookId,
    user_id: z.string().meta({ description: 'User whose notices are sent.' }),
    url: z.string().meta({ description: 'Address that receives the notices.' }),
    events: z
      .array(z.enum(NOTICE_KINDS))
      .nullable()
      .meta({ description: 'Kinds of notices that are sent; null: all.' }),
    description: z.string().nullable().meta({ description: 'Text for people.' }),
    status: z
      .enum(['active', 'paused'])
      .meta({ description: '`paused`: it failed for three days. A test delivery that succeeds resumes it.' }),
    created_at: Instant.meta({ description: 'When it was created.' }),
    failing_since: NullableInstant.meta({ description: 'When the first delivery failed after a success; null: none.' }),
    paused_at: NullableInstant.meta({ description: 'When it was paused; null: it is active.' }),
    last_delivery: WebhookDelivery.nullable().meta({
      description: 'The last try of a delivery; null: there was none.',
    }),
    secret: z.string().optional().meta({
      description: 'Secret of the signatures. Only the answers to the create and to a new secret have it.',
    }),
    message: z.string().optional().meta({ description: 'What to do without the secret.' }),
  })
  .meta({ id: 'Webhook' });

export const WebhookListQuery = z.object({
  user: queryFilter(UserId).meta({ description: 'Only webhooks of this user.' }),
});
