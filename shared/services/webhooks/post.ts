import type { z } from 'zod';
import type { WebhookDelivery } from '#contract/entities/webhook.ts';
import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { WebhookDoc } from '../model/docs.ts';
import { signatures } from './secret.ts';

const TIMEOUT_MS = 10_000;
const DAY_MS = 86_400_000;
/** A webhook that has failed for so long is paused. */
const PAUSE_AFTER_MS = 3 * DAY_MS;

export type Delivery = z.infer<typeof WebhookDelivery>;

export interface Message {
  /** The same for each try. */
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One signed try, in the form of Standard Webhooks. @returns null if too many tries are under way */
export const postMessage = async (deps: Deps, hook: WebhookDoc, message: Message): Promise<Delivery | null> => {
  const { id, type, timestamp, data } = message;
  const body = JSON.stringify({ type, timestamp, data });
  const now = deps.clock.now();
  const seconds = String(Math.floor(now / 1000));
  const started = deps.clock.monotonic();
  const result = await deps.outbound.post({
    url: hook.url,
    headers: {
      'content-type': 'application/json',
      'user-agent': `OnMemOS/${deps.settings.version}`,
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': await signatures(deps, hook, `${id}.${seconds}.${body}`),
    },
    body,
    timeout_ms: TIMEOUT_MS,
  });
  if (result === null) return null;
  const milliseconds = Math.round(deps.clock.monotonic() - started);
  return { id, type, at: iso(now), milliseconds, success: result.error === null, ...result };
};

/** The webhook after a try. One that has failed for days is paused; a success resumes it. */
export const afterDelivery = (hook: WebhookDoc, last_delivery: Delivery, now: number): WebhookDoc => {
  if (last_delivery.success) return { ...hook, last_delivery, failing_since: null, paused_at: null };
  const failing_since = hook.failing_since ?? last_delivery.at;
  const forDays = now - Date.parse(failing_since) >= PAUSE_AFTER_MS;
  return { ...hook, last_delivery, failing_since, paused_at: hook.paused_at ?? (forDays ? iso(now) : null) };
};
