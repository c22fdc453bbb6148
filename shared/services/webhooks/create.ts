import type { z } from 'zod';
import type { Webhook, WebhookCreate } from '#contract/entities/webhook.ts';
import { invalidField, Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { actingUser, keyOf } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { remember, replayed } from '../kernel/idempotency.ts';
import { ensureUser, refuseDeleting } from '../kernel/users.ts';
import { keys, webhooks } from '../model/collections.ts';
import type { WebhookDoc } from '../model/docs.ts';
import { webhookUser } from './reach.ts';
import { newWebhookSecret } from './secret.ts';
import { webhookToWire } from './wire.ts';

type Input = z.infer<typeof WebhookCreate>;

const MOST_PER_USER = 10;
const WITHOUT_SECRET =
  'An earlier call made this webhook, and only that answer had its secret. If the secret is lost, make a new one.';

/** @throws Problem unauthenticated where the key was revoked meanwhile */
const refuseRevoked = async (draft: Draft, call: Call): Promise<void> => {
  const actor = keyOf(call.actor);
  if (actor && (await draft.get(keys, actor.key_id))?.revoked_at)
    throw new Problem('unauthenticated', 'This key was revoked. Use another key.');
};

/** @throws Problem quota_exceeded */
const refuseMore = async (draft: Draft, user_id: string): Promise<void> => {
  const order = { field: 'webhook_id', direction: 'asc' } as const;
  const { docs } = await draft.query(webhooks, { where: { user_id }, order, limit: MOST_PER_USER });
  if (docs.length >= MOST_PER_USER)
    throw new Problem(
      'quota_exceeded',
      `User ${user_id} has ${MOST_PER_USER} webhooks, which is the most. Delete one first.`,
    );
};

/** The host alone: the rest of an address may hold a secret. */
const hostOf = (url: string): string => new URL(url).host;

/** Creates a webhook of a user. Only this answer has the secret. */
export const createWebhook = async (deps: Deps, call: Call, input: Input): Promise<z.infer<typeof Webhook>> => {
  webhookUser(call);
  const user_id = actingUser(call, input.user_id, 'user_id');
  const refusal = deps.outbound.refusal(input.url);
  if (refusal !== null) throw invalidField('url', refusal);
  const webhook_id = deps.ids.next('wbh');
  const secret = await newWebhookSecret(deps, { webhook_id, user_id });
  return transact(deps.store, async (draft): Promise<z.infer<typeof Webhook>> => {
    const earlier = await replayed(deps, draft, call);
    if (earlier) {
      const hook = await draft.get(webhooks, earlier.target);
      if (!hook)
        throw new Problem(
          'conflict',
          'The webhook that this Idempotency-Key made is gone. Use a new Idempotency-Key to make another.',
        );
      return { ...webhookToWire(hook), message: WITHOUT_SECRET };
    }
    await refuseRevoked(draft, call);
    refuseDeleting(await ensureUser(deps, draft, call, user_id));
    await refuseMore(draft, user_id);
    const hook: WebhookDoc = {
      webhook_id,
      user_id,
      url: input.url,
      events: input.events ? [...new Set(input.events)] : null,
      description: input.description ?? null,
      created_at: iso(deps.clock.now()),
      created_by: keyOf(call.actor)?.key_id ?? null,
      secret_sealed: secret.sealed,
      earlier_secrets: [],
      last_delivery: null,
      failing_since: null,
      paused_at: null,
    };
    draft.create(webhooks, webhook_id, hook);
    remember(deps, draft, call, 'webhook', webhook_id);
    writeAudit(deps, draft, call, {
      target: webhook_id,
      detail: { user_id, host: hostOf(hook.url), events: hook.events },
    });
    return { ...webhookToWire(hook), secret: secret.presented };
  });
};
