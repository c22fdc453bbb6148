import type { z } from 'zod';
import type { Webhook } from '#contract/entities/webhook.ts';
import type { WebhookDoc } from '../model/docs.ts';

export const webhookToWire = (hook: WebhookDoc): z.infer<typeof Webhook> => ({
  webhook_id: hook.webhook_id,
  user_id: hook.user_id,
  url: hook.url,
  events: hook.events === null ? null : [...hook.events],
  description: hook.description,
  status: hook.paused_at === null ? 'active' : 'paused',
  created_at: hook.created_at,
  failing_since: hook.failing_since,
  paused_at: hook.paused_at,
  last_delivery: hook.last_delivery === null ? null : { ...hook.last_delivery },
});
