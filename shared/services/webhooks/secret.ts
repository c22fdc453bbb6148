import { createHmac } from 'node:crypto';
import { iso } from '#ports/clock.ts';
import type { SealContext } from '#ports/secrets.ts';
import type { Deps } from '../kernel/deps.ts';
import type { WebhookDoc } from '../model/docs.ts';

/** The form of Standard Webhooks: `whsec_` and the bytes in base64. */
const PREFIX = 'whsec_';
const BYTES = 32;

type Named = Pick<WebhookDoc, 'webhook_id' | 'user_id'>;

const contextOf = ({ user_id, webhook_id }: Named): SealContext => ({
  tenant: user_id,
  session: `webhook/${webhook_id}`,
});

export interface NewWebhookSecret {
  /** What its owner gives to the receiver. Never stored. */
  readonly presented: string;
  readonly sealed: string;
}

export const newWebhookSecret = async (deps: Deps, hook: Named): Promise<NewWebhookSecret> => {
  const bytes = deps.ids.random(BYTES);
  const presented = `${PREFIX}${Buffer.from(bytes).toString('base64')}`;
  return { presented, sealed: await deps.secrets.seal(bytes, contextOf(hook)) };
};

/** The `webhook-signature` header: by the present secret, and by those that it replaced a short time ago. */
export const signatures = async (deps: Deps, hook: WebhookDoc, signed: string): Promise<string> => {
  const now = iso(deps.clock.now());
  const sealed = [
    hook.secret_sealed,
    ...hook.earlier_secrets.filter(({ until }) => until > now).map((secret) => secret.sealed),
  ];
  const all = await Promise.all(
    sealed.map(async (text) => {
      const secret = await deps.secrets.open(text, contextOf(hook));
      return `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
    }),
  );
  return all.join(' ');
};
