import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { webhookFor } from './reach.ts';
import { webhookToWire } from './wire.ts';

export const getWebhook = async (deps: Deps, call: Call, { webhook_id }: { webhook_id: string }) =>
  webhookToWire(await webhookFor(lookupIn(deps.store), call, webhook_id));
